#include "crypto.h"
#include "imprint_identity_key.h"
#include "places.h"

using namespace imprint_identity;

esp_err_t imprint_identity_load_key(const imprint_identity_config_t* config,
                                    mbedtls_pk_context* key) {
    ChipPlaces places;
    const imprint_identity_config_t wanted =
        config != nullptr ? *config : imprint_identity_config_t{};
    if (const esp_err_t failed = find_places(wanted, places); failed != ESP_OK) return failed;
    Identity identity;
    Problem mended;
    const Problem problem = load_in_force(places, identity, mended);
    if (const esp_err_t failed = told(problem, mended); failed != ESP_OK) return failed;
    return parse_private_key(*key, identity.private_key) ? ESP_OK : ESP_ERR_INVALID_RESPONSE;
}
