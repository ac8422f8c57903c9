// What a board reads that others wrote: a shadow's delta and answers, wifi.json, a build's date.
// The first byte says which.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "imprint_identity/json.h"
#include "imprint_identity/shadow.h"
#include "imprint_identity/wall_clock.h"
#include "imprint_identity/wifi.h"
#include "target.h"

using namespace imprint;
using namespace imprint_identity;

namespace {

// Whatever a cloud sends, a console stays as it is.
void check_line(const char* text, std::size_t room) {
    const std::string_view line(text, strnlen(text, room));
    fuzz::require(line.size() < room);
    fuzz::require(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
}

void check_delta(const std::string& text, ShadowForm form) {
    Delta delta;
    read_delta(text.data(), text.size(), form, delta);
    check_line(delta.not_understood, sizeof(delta.not_understood));
    check_line(delta.firmware_url, sizeof(delta.firmware_url));
    Report report;
    report.form = form;
    report.firmware_url = delta.firmware_url;
    char json[shadow_report_size];
    const std::size_t size = format_report(report, json);
    fuzz::require(size != 0);
    const auto ignore = [](void*, const JsonScalar&) -> const char* { return nullptr; };
    fuzz::require(walk_json(json, size, ignore, nullptr).problem == nullptr);
}

void check_wifi(const std::string& text) {
    WifiSettings wifi;
    if (parse_wifi(text.data(), text.size(), wifi) != nullptr) return;
    fuzz::require(strnlen(wifi.ssid, sizeof(wifi.ssid)) < sizeof(wifi.ssid));
    const std::size_t length = strnlen(wifi.password, sizeof(wifi.password));
    fuzz::require(length == 0 || (length >= 8 && length < sizeof(wifi.password)));
}

void check_date(const std::string& text) {
    const std::size_t half = std::min<std::size_t>(text.size(), 11);
    const std::int64_t built = built_at(text.substr(0, half).c_str(), text.substr(half).c_str());
    TimeText shown;
    to_text(built, shown);
    check_line(shown, sizeof(shown));
}

}  // namespace

void fuzz::run(ByteView input) {
    if (input.empty()) return;
    const std::string text(as_text(input.subspan(1)));
    switch (input[0] % 5) {
        case 0:
            check_delta(text, ShadowForm::own);
            break;
        case 1:
            check_delta(text, ShadowForm::classic);
            break;
        case 2: {
            ShadowAnswer answer;
            read_answer(text.data(), text.size(), answer);
            check_line(answer.message, sizeof(answer.message));
            break;
        }
        case 3:
            check_wifi(text);
            break;
        default:
            check_date(text);
            break;
    }
}
