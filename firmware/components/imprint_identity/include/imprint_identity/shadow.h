// The device shadow's documents, as far as the example firmware uses them.
// Source: AWS IoT Core developer guide, "Device Shadow service documents" and "Shadow MQTT topics".
#pragma once

#include <cstddef>
#include <cstdint>

namespace imprint_identity {

inline constexpr std::size_t shadow_topic_size = 192;
inline constexpr std::size_t shadow_report_size = 320;

struct ShadowTopics {
    char update[shadow_topic_size] = "";
    char delta[shadow_topic_size] = "";
};

// False if the thing's name is too long.
bool make_topics(const char* thing_name, ShadowTopics& into);

struct Report {
    const char* device_id = "";
    const char* version = "";
    std::uint32_t uptime_s = 0;
    bool light_on = false;
};

// {"state":{"reported":{…}}}; gives its length, or 0 if it does not fit.
std::size_t format_report(const Report& report, char (&into)[shadow_report_size]);

enum class Light { unchanged, on, off };

// What a message on the delta topic wants of light_state. Anything else in it is left alone; a
// message that is no JSON changes nothing.
Light wanted_light(const char* payload, std::size_t size);

}  // namespace imprint_identity
