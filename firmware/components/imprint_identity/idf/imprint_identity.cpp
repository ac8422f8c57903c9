#include "imprint_identity.h"

#include "places.h"

namespace {

using namespace imprint_identity;

esp_err_t find_slots(ChipPlaces& into) {
    if (const esp_err_t failed = find_places({}, into); failed != ESP_OK) return failed;
    return into.slots.read != nullptr ? ESP_OK : ESP_ERR_NOT_SUPPORTED;
}

}  // namespace

esp_err_t imprint_identity_load(const imprint_identity_config_t* config, imprint_identity_t* into) {
    *into = {};
    ChipPlaces places;
    const imprint_identity_config_t wanted =
        config != nullptr ? *config : imprint_identity_config_t{};
    if (const esp_err_t failed = find_places(wanted, places); failed != ESP_OK) return failed;
    Identity identity;
    Problem mended;
    const Problem problem = load_in_force(places, identity, mended, parts_of(wanted));
    return hand_over(problem, mended, identity, *into);
}

void imprint_identity_free(imprint_identity_t* identity) {
    delete static_cast<Identity*>(identity->owner);  // its texts wipe themselves
    *identity = {};
}

// --- Credentials that are replaced in the field
// ---------------------------------------------------

esp_err_t imprint_identity_stage(const imprint_identity_set_t* set) {
    ChipPlaces places;
    if (const esp_err_t failed = find_slots(places); failed != ESP_OK) return failed;
    NewCredentials wanted;
    wanted.certificate = set->certificate;
    wanted.private_key = set->private_key;
    wanted.root_ca = set->root_ca;
    wanted.endpoint = set->endpoint;
    wanted.port = set->port;
    wanted.certificate_size = set->certificate_size;
    wanted.private_key_size = set->private_key_size;
    wanted.root_ca_size = set->root_ca_size;
    return told(stage(places, wanted));
}

esp_err_t imprint_identity_try(imprint_identity_t* into) {
    *into = {};
    ChipPlaces places;
    if (const esp_err_t failed = find_slots(places); failed != ESP_OK) return failed;
    Identity identity;
    Problem mended;
    const Problem problem = load_staged(places, identity, mended);
    // Nothing staged is no trouble: it is asked at each start.
    if (problem.status == Status::nothing_staged) return ESP_ERR_NOT_FOUND;
    return hand_over(problem, mended, identity, *into);
}

esp_err_t imprint_identity_commit(void) {
    ChipPlaces places;
    if (const esp_err_t failed = find_slots(places); failed != ESP_OK) return failed;
    const Problem problem = commit(places);
    // Asked at each start, too, to finish what a power cut left.
    return problem.status == Status::nothing_staged ? ESP_ERR_NOT_FOUND : told(problem);
}

esp_err_t imprint_identity_rollback(void) {
    ChipPlaces places;
    if (const esp_err_t failed = find_slots(places); failed != ESP_OK) return failed;
    return told(rollback(places));
}
