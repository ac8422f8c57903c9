#include "rotation.h"

#include <utility>

#include "esp_log.h"

namespace {

constexpr const char* tag = "imprint";
// Each after a pause, as with any connection. A network that is away for so long costs a rotation
// that the station begins again; the board goes on with what it had.
constexpr int most_tries = 3;

}  // namespace

Rotation::Rotation(const imprint_identity_t& loaded) {
    *in_force_ = loaded;
    const esp_err_t failed = imprint_rotation_create(loaded.thing_name, &rotation_);
    if (failed != ESP_OK)
        ESP_LOGW(tag, "no new credentials over the air: %s", esp_err_to_name(failed));
}

const imprint_rotation_topics_t* Rotation::topics() const {
    return rotation_ != nullptr ? imprint_rotation_topics(rotation_) : nullptr;
}

Rotation::Next Rotation::take(const char* text, std::size_t size) {
    if (is_on_trial_) return Next::nothing;
    return follow(imprint_rotation_take(rotation_, text, size));
}

void Rotation::take_rejected(const char* text, std::size_t size) {
    if (!is_on_trial_) imprint_rotation_take_rejected(rotation_, text, size);
}

Rotation::Next Rotation::follow(imprint_rotation_next_t next) {
    switch (next) {
        case IMPRINT_ROTATION_REPORT:
            return Next::report;
        case IMPRINT_ROTATION_TRY:
            return begin_trial();
        case IMPRINT_ROTATION_NOTHING:
            break;
    }
    return Next::nothing;
}

Rotation::Next Rotation::begin_trial() {
    if (imprint_identity_try(other_) != ESP_OK) {
        imprint_rotation_failed(rotation_, "the new credentials cannot be read back");
        return Next::ask;
    }
    ESP_LOGI(tag, "new credentials: trying them");
    is_on_trial_ = true;
    failed_tries_ = 0;
    return Next::connect;
}

Rotation::Next Rotation::connected() {
    if (!is_on_trial_) return Next::nothing;
    is_on_trial_ = false;
    // The connection goes on with what it was made with.
    std::swap(in_force_, other_);
    imprint_identity_free(other_);
    *other_ = {};
    const Next next = follow(imprint_rotation_connected(rotation_));
    ESP_LOGI(tag, "new credentials are in force");
    return next;
}

Rotation::Next Rotation::disconnected() {
    if (!is_on_trial_ || ++failed_tries_ < most_tries) return Next::nothing;
    ESP_LOGW(tag, "the new credentials do not connect: the old ones stay");
    is_on_trial_ = false;
    imprint_rotation_failed(rotation_, "no connection with the new credentials");
    return Next::connect;
}

const char* Rotation::report() const {
    return imprint_rotation_report(rotation_);
}
