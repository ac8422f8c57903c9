#include "imprint_identity/shadow.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "imprint_identity/json.h"

namespace imprint_identity {

namespace {

bool fits(int length, std::size_t room) {
    return length > 0 && static_cast<std::size_t>(length) < room;
}

bool format_topic(char (&into)[shadow_topic_size], const char* thing_name, const char* end) {
    return fits(
        std::snprintf(into, sizeof(into), "$aws/things/%s/shadow/update%s", thing_name, end),
        sizeof(into));
}

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

// What a cloud sends must not steer a terminal.
template <std::size_t N>
void copy_printable(const char* text, char (&into)[N]) {
    std::size_t size = 0;
    for (; *text != '\0' && size + 1 < N; ++text)
        into[size++] = is_printable(*text) ? *text : '?';
    into[size] = '\0';
}

// https, and nothing that JSON would have to escape when it is reported back.
bool is_firmware_url(const JsonScalar& scalar) {
    static constexpr char scheme[] = "https://";
    if (scalar.kind != JsonScalar::Kind::string || scalar.cut || scalar.size >= firmware_url_size ||
        scalar.size <= sizeof(scheme) - 1 ||
        std::strncmp(scalar.text, scheme, sizeof(scheme) - 1) != 0)
        return false;
    for (std::size_t i = 0; i < scalar.size; ++i)
        if (scalar.text[i] <= ' ' || scalar.text[i] > '~' || scalar.text[i] == '"' ||
            scalar.text[i] == '\\')
            return false;
    return true;
}

struct DeltaReader {
    ShadowForm form;
    Delta* delta;
};

Light wanted_light(ShadowForm form, const JsonScalar& scalar) {
    const bool is_classic = form == ShadowForm::classic;
    if (scalar.kind != (is_classic ? JsonScalar::Kind::number : JsonScalar::Kind::string))
        return Light::unchanged;
    if (std::strcmp(scalar.text, is_classic ? "1" : "on") == 0) return Light::on;
    if (std::strcmp(scalar.text, is_classic ? "0" : "off") == 0) return Light::off;
    return Light::unchanged;
}

void note(Delta& delta, const JsonScalar& scalar, const char* wanted) {
    if (delta.not_understood[0] != '\0') return;
    char path[48];
    char value[40];
    copy_printable(scalar.path + std::strlen("state."), path);
    copy_printable(scalar.text, value);
    const char* const quote = scalar.kind == JsonScalar::Kind::string ? "\"" : "";
    (void)std::snprintf(delta.not_understood, sizeof(delta.not_understood), "%s is %s%s%s, and %s",
                        path, quote, value, quote, wanted);
}

const char* take_delta(void* context, const JsonScalar& scalar) {
    const auto& reader = *static_cast<const DeltaReader*>(context);
    Delta& delta = *reader.delta;
    if (std::strcmp(scalar.path, "version") == 0 && scalar.kind == JsonScalar::Kind::number) {
        delta.version = static_cast<std::uint32_t>(std::strtoul(scalar.text, nullptr, 10));
    } else if (std::strcmp(scalar.path, "state.light_state") == 0) {
        const Light light = wanted_light(reader.form, scalar);
        if (light != Light::unchanged)
            delta.light = light;
        else
            note(
                delta, scalar,
                reader.form == ShadowForm::classic ? "must be 1 or 0" : R"(must be "on" or "off")");
    } else if (std::strcmp(scalar.path, "state.firmware_url") == 0) {
        if (is_firmware_url(scalar))
            std::memcpy(delta.firmware_url, scalar.text, scalar.size + 1);
        else
            note(delta, scalar, "must be an https URL of at most 256 characters");
    } else if (std::strncmp(scalar.path, "state.", std::strlen("state.")) == 0) {
        note(delta, scalar, "this firmware has no such member");
    }
    return nullptr;
}

const char* take_answer(void* context, const JsonScalar& scalar) {
    auto& answer = *static_cast<ShadowAnswer*>(context);
    const bool is_number = scalar.kind == JsonScalar::Kind::number;
    if (std::strcmp(scalar.path, "clientToken") == 0 && !is_number) {
        // Ours are digits alone; anybody else's may be anything.
        char* end = nullptr;
        const unsigned long token = std::strtoul(scalar.text, &end, 10);
        if (end != scalar.text && *end == '\0' && scalar.text[0] >= '0' && scalar.text[0] <= '9')
            answer.token = static_cast<std::uint32_t>(token);
    } else if (std::strcmp(scalar.path, "code") == 0 && is_number) {
        answer.code = static_cast<int>(std::strtol(scalar.text, nullptr, 10));
    } else if (std::strcmp(scalar.path, "message") == 0) {
        copy_printable(scalar.text, answer.message);
    }
    return nullptr;
}

// "1.2.3" and "v1.2.3" are 1; what begins with no number is 0.
unsigned long leading_number(const char* version) {
    if (*version == 'v') ++version;
    return *version >= '0' && *version <= '9' ? std::strtoul(version, nullptr, 10) : 0;
}

struct Members {
    const char* uptime;
    const char* version;
    const char* quote;  // around the version
    const char* temperature;
    const char* on;
    const char* off;
};

constexpr Members own_members = {"uptime_s", "version", "\"", "temperature", "\"on\"", "\"off\""};
constexpr Members classic_members = {"uptime", "software_version", "", "system_temperature", "1",
                                     "0"};

}  // namespace

bool make_topics(const char* thing_name, ShadowTopics& into) {
    return format_topic(into.update, thing_name, "") &&
           format_topic(into.delta, thing_name, "/delta") &&
           format_topic(into.accepted, thing_name, "/accepted") &&
           format_topic(into.rejected, thing_name, "/rejected");
}

std::size_t format_report(const Report& report, char (&into)[shadow_report_size]) {
    const bool is_classic = report.form == ShadowForm::classic;
    const Members& members = is_classic ? classic_members : own_members;
    char number[12];
    (void)std::snprintf(number, sizeof(number), "%lu", leading_number(report.version) % 1000000000);
    // No %f: ESP-IDF's small formatting has none.
    char temperature[48] = "";
    if (report.has_temperature) {
        const int whole = std::abs(report.centidegrees);
        (void)std::snprintf(temperature, sizeof(temperature), R"(,"%s":%s%d.%02d)",
                            members.temperature, report.centidegrees < 0 ? "-" : "", whole / 100,
                            whole % 100);
    }
    char firmware[firmware_url_size + 24] = "";
    if (report.firmware_url[0] != '\0' &&
        !fits(std::snprintf(firmware, sizeof(firmware), R"(,"firmware_url":"%s")",
                            report.firmware_url),
              sizeof(firmware)))
        return 0;
    char token[40] = "";
    if (report.token != 0)
        (void)std::snprintf(token, sizeof(token), R"(,"clientToken":"%)" PRIu32 "\"", report.token);
    const int length =
        std::snprintf(into, sizeof(into),
                      R"({"state":{"reported":{"device_id":"%s","%s":%)" PRIu32
                      R"(,"%s":%s%s%s,"light_state":%s%s%s}}%s})",
                      report.device_id, members.uptime, report.uptime_s, members.version,
                      members.quote, is_classic ? number : report.version, members.quote,
                      report.light_on ? members.on : members.off, temperature, firmware, token);
    return fits(length, sizeof(into)) ? static_cast<std::size_t>(length) : 0;
}

void read_delta(const char* payload, std::size_t size, ShadowForm form, Delta& into) {
    into = {};
    DeltaReader reader{form, &into};
    const JsonResult result = walk_json(payload, size, take_delta, &reader);
    if (result.problem == nullptr) return;
    into = {};
    (void)std::snprintf(into.not_understood, sizeof(into.not_understood),
                        "it is no JSON: %s at byte %u", result.problem,
                        static_cast<unsigned>(result.at));
}

void read_answer(const char* payload, std::size_t size, ShadowAnswer& into) {
    into = {};
    const JsonResult result = walk_json(payload, size, take_answer, &into);
    if (result.problem != nullptr) into = {};
}

std::uint32_t ShadowAnswers::sent(std::uint32_t now_ms) {
    if (++token_ == 0) ++token_;
    sent_ms_ = now_ms;
    waiting_ = true;
    return token_;
}

bool ShadowAnswers::answered(std::uint32_t token) {
    if (!waiting_ || token != token_) return false;
    waiting_ = false;
    return true;
}

bool ShadowAnswers::is_overdue(std::uint32_t now_ms) {
    if (!waiting_ || now_ms - sent_ms_ < patience_ms) return false;
    waiting_ = false;
    return true;
}

}  // namespace imprint_identity
