#include "imprint_rotation.h"

#include <cstring>
#include <new>

#include "esp_log.h"
#include "imprint_identity/rotation.h"
#include "places.h"
#include "request.h"

using namespace imprint_identity;

struct imprint_rotation {
    ChipPlaces places;
    Rotation rotation{places, make_request};
    imprint_rotation_topics_t topics = {};
    char report[rotation_report_size] = "";
};

static_assert(sizeof(RotationTopics) == sizeof(imprint_rotation_topics_t),
              "both have the same topics in the same order");

namespace {

imprint_rotation_next_t told_next(Rotation::Next next) {
    switch (next) {
        case Rotation::Next::report:
            return IMPRINT_ROTATION_REPORT;
        case Rotation::Next::try_staged:
            return IMPRINT_ROTATION_TRY;
        case Rotation::Next::nothing:
            break;
    }
    return IMPRINT_ROTATION_NOTHING;
}

}  // namespace

esp_err_t imprint_rotation_create(const char* thing_name, imprint_rotation_t** into) {
    *into = nullptr;
    auto* const made = new (std::nothrow) imprint_rotation;
    if (made == nullptr) return ESP_ERR_NO_MEM;
    RotationTopics topics;
    esp_err_t failed = find_places({}, made->places);
    if (failed == ESP_OK && made->places.slots.read == nullptr) failed = ESP_ERR_NOT_SUPPORTED;
    if (failed == ESP_OK && !make_rotation_topics(thing_name, topics))
        failed = ESP_ERR_INVALID_SIZE;
    if (failed != ESP_OK) {
        delete made;
        return failed;
    }
    std::memcpy(&made->topics, &topics, sizeof(topics));
    *into = made;
    return ESP_OK;
}

void imprint_rotation_delete(imprint_rotation_t* rotation) {
    delete rotation;
}

const imprint_rotation_topics_t* imprint_rotation_topics(const imprint_rotation_t* rotation) {
    return &rotation->topics;
}

imprint_rotation_next_t imprint_rotation_take(imprint_rotation_t* rotation, const char* json,
                                              size_t size) {
    Problem told;
    const Rotation::Next next = rotation->rotation.take(json, size, told);
    if (told) ESP_LOGW("imprint", "%s: %s", to_string(told.status), told.text);
    return told_next(next);
}

void imprint_rotation_take_rejected(imprint_rotation_t* rotation, const char* json, size_t size) {
    rotation->rotation.take_rejected(json, size);
}

bool imprint_rotation_is_trying(const imprint_rotation_t* rotation) {
    return rotation->rotation.is_trying();
}

imprint_rotation_next_t imprint_rotation_connected(imprint_rotation_t* rotation) {
    return told_next(rotation->rotation.connected());
}

void imprint_rotation_failed(imprint_rotation_t* rotation, const char* why) {
    rotation->rotation.failed(why);
}

const char* imprint_rotation_report(imprint_rotation_t* rotation) {
    if (rotation->rotation.report(rotation->report) == 0) rotation->report[0] = '\0';
    return rotation->report;
}
