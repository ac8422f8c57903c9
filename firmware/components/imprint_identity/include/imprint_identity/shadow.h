// The device shadow's documents, as far as the example firmware uses them.
// Source: AWS IoT Core developer guide, "Device Shadow service documents", "Device Shadow error
// messages" and "Shadow MQTT topics".
#pragma once

#include <cstddef>
#include <cstdint>

namespace imprint_identity {

inline constexpr std::size_t shadow_topic_size = 192;
inline constexpr std::size_t shadow_report_size = 768;
inline constexpr std::size_t firmware_url_size = 257;

struct ShadowTopics {
    char update[shadow_topic_size] = "";
    char delta[shadow_topic_size] = "";
    char accepted[shadow_topic_size] = "";
    char rejected[shadow_topic_size] = "";
};

// False if the thing's name is too long.
bool make_topics(const char* thing_name, ShadowTopics& into);

// What the members are called, and of which type they are.
//
//   own       light_state "on" or "off", uptime_s, version "1.2.3", temperature
//   classic   light_state 1 or 0, uptime, software_version 1, system_temperature: as boards with
//             IoTReady's esp32_firmware_base (examples/aws_iot) have them in their shadows
enum class ShadowForm : std::uint8_t { own, classic };

struct Report {
    const char* device_id = "";
    const char* version = "";  // classic: the number that it begins with
    std::uint32_t uptime_s = 0;
    bool light_on = false;
    ShadowForm form = ShadowForm::own;
    bool has_temperature = false;   // not every chip has a sensor
    int centidegrees = 0;           // 3225 is 32.25 °C
    const char* firmware_url = "";  // the one that was dealt with last; empty: left out
    std::uint32_t token = 0;        // by which its answer is known; 0: left out
};

// {"state":{"reported":{…}}}; gives its length, or 0 if it does not fit.
std::size_t format_report(const Report& report, char (&into)[shadow_report_size]);

enum class Light : std::uint8_t { unchanged, on, off };

// What a message on the delta topic wants.
struct Delta {
    Light light = Light::unchanged;
    char firmware_url[firmware_url_size] = "";  // https alone; empty: no other firmware is wanted
    std::uint32_t version = 0;                  // of the shadow; 0: it does not say
    // The first thing that nothing was done about, for the console; empty: all of it is understood.
    char not_understood[160] = "";
};

// A message that is no JSON wants nothing.
void read_delta(const char* payload, std::size_t size, ShadowForm form, Delta& into);

// A message on the topics accepted and rejected. Others ask for updates of the same shadow: their
// answers come here too, without our token.
struct ShadowAnswer {
    std::uint32_t token = 0;  // 0: not an answer to a report of ours
    int code = 0;             // rejected: as an HTTP status
    char message[128] = "";   // and why; printable ASCII
};

void read_answer(const char* payload, std::size_t size, ShadowAnswer& into);

// The reports that were sent and not answered yet: the last one counts.
class ShadowAnswers {
  public:
    static constexpr std::uint32_t patience_ms = 10000;

    // The token for a report that is sent now.
    std::uint32_t sent(std::uint32_t now_ms);
    // Whether that was the one that is waited for.
    bool answered(std::uint32_t token);
    // True once for each report that nobody answered in time.
    bool is_overdue(std::uint32_t now_ms);

    // The connection is gone, and with it the answer.
    void forget() { waiting_ = false; }

  private:
    std::uint32_t token_ = 0;
    std::uint32_t sent_ms_ = 0;
    bool waiting_ = false;
};

}  // namespace imprint_identity
