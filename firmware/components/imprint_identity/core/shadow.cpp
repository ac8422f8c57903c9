#include "imprint_identity/shadow.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "imprint_identity/json.h"

namespace imprint_identity {

namespace {

bool fits(int length, std::size_t room) {
    return length > 0 && static_cast<std::size_t>(length) < room;
}

const char* take_light(void* context, const JsonScalar& scalar) {
    auto& light = *static_cast<Light*>(context);
    if (std::strcmp(scalar.path, "state.light_state") != 0) return nullptr;
    if (scalar.kind != JsonScalar::Kind::string) return nullptr;
    if (std::strcmp(scalar.text, "on") == 0) light = Light::on;
    if (std::strcmp(scalar.text, "off") == 0) light = Light::off;
    return nullptr;
}

}  // namespace

bool make_topics(const char* thing_name, ShadowTopics& into) {
    const int update =
        std::snprintf(into.update, sizeof(into.update), "$aws/things/%s/shadow/update", thing_name);
    const int delta = std::snprintf(into.delta, sizeof(into.delta),
                                    "$aws/things/%s/shadow/update/delta", thing_name);
    return fits(update, sizeof(into.update)) && fits(delta, sizeof(into.delta));
}

std::size_t format_report(const Report& report, char (&into)[shadow_report_size]) {
    const int length = std::snprintf(into, sizeof(into),
                                     R"({"state":{"reported":{"device_id":"%s","uptime_s":%)" PRIu32
                                     R"(,"version":"%s","light_state":"%s"}}})",
                                     report.device_id, report.uptime_s, report.version,
                                     report.light_on ? "on" : "off");
    return fits(length, sizeof(into)) ? static_cast<std::size_t>(length) : 0;
}

Light wanted_light(const char* payload, std::size_t size) {
    Light light = Light::unchanged;
    const JsonResult result = walk_json(payload, size, take_light, &light);
    return result.problem == nullptr ? light : Light::unchanged;
}

}  // namespace imprint_identity
