#include "label/values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "base/nearest.h"

namespace imprint::label {

namespace {

std::string upper(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

// Characters [from, from + count) of the time in UTC, "2026-07-14T09:30:00Z".
std::string part_of_time(const Values& values, std::size_t from, std::size_t count) {
    if (!values.passed) return {};
    return to_iso8601(*values.passed).substr(from, count);
}

constexpr auto table = std::to_array<Placeholder>({
    {"mac", "MAC address, 12 lower-case hex digits; `{mac:}` with colons",
     [](const Values& v) { return v.mac.id(); }},
    {"MAC", "the same in capitals; `{MAC:}` with colons",
     [](const Values& v) { return upper(v.mac.id()); }},
    {"thing", "its name in AWS IoT", [](const Values& v) { return v.thing; }},
    {"serial", "serial number", [](const Values& v) { return v.serial; }},
    {"lot", "production order", [](const Values& v) { return v.lot; }},
    {"date", "on which it passed, as 2026-07-14 (UTC)",
     [](const Values& v) { return part_of_time(v, 0, 10); }},
    {"time", "at which it passed, as 09:30 (UTC)",
     [](const Values& v) { return part_of_time(v, 11, 5); }},
    {"chip", "`ESP32-S3`, …", [](const Values& v) { return v.chip; }},
    {"certificate_id", "64 hex digits", [](const Values& v) { return v.certificate_id; }},
    {"firmware_version", "as the app itself says it",
     [](const Values& v) { return v.firmware_version; }},
    {"firmware_commit", "of the source", [](const Values& v) { return v.firmware_commit; }},
    {"firmware", "SHA-256 over all files of the firmware",
     [](const Values& v) { return v.firmware; }},
    {"station", "`station.name`", [](const Values& v) { return v.station; }},
    {"host", "the name of the station's computer", [](const Values& v) { return v.host; }},
    {"operator", "who worked at the station", [](const Values& v) { return v.operator_name; }},
    {"bay", "that it passed in", [](const Values& v) { return v.bay; }},
    {"account", "of AWS", [](const Values& v) { return v.account; }},
    {"region", "of AWS", [](const Values& v) { return v.region; }},
    {"endpoint", "the broker that it connects to", [](const Values& v) { return v.endpoint; }},
});

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& one : table)
        all.emplace_back(one.name);
    return all;
}

bool is_name_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The first `count` characters of UTF-8 text.
std::string first_characters(const std::string& text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (begins && count-- == 0) break;
    }
    return text.substr(0, at);
}

std::string with_colons(const std::string& digits) {
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i % 2 == 0) text += ':';
        text += digits[i];
    }
    return text;
}

// form: what stands behind the name, with its colon; empty: nothing.
Result<std::string> value_of(std::string_view name, std::string_view form, const Values& values) {
    const auto found = std::ranges::find(table, name, &Placeholder::name);
    if (found == table.end())
        return fail(ErrorKind::config, "label_template",
                    fmt::format("there is no placeholder {{{}}}", name),
                    fmt::format("did you mean {{{}}}?", nearest(name, names()).value_or("mac")));
    std::string text = found->value(values);
    if (form.empty()) return text;
    const std::string length(form.substr(1));
    if (length.empty() && (name == "mac" || name == "MAC")) return with_colons(text);
    std::size_t count = 0;
    const char* last = length.data() + length.size();
    const auto [end, error] = std::from_chars(length.data(), last, count);
    if (error != std::errc() || end != last || count == 0)
        return fail(ErrorKind::config, "label_template",
                    fmt::format("{{{}{}}} has no length after its colon", name, form),
                    fmt::format("{{{}:12}} is the first 12 characters of it", name));
    return first_characters(text, count);
}

struct Found {
    std::size_t end = 0;  // past its closing brace
    std::string_view name;
    std::string_view form;
};

// The placeholder that begins at this brace, if one does.
std::optional<Found> placeholder_at(std::string_view content, std::size_t brace) {
    std::size_t at = brace + 1;
    while (at < content.size() && is_name_letter(content[at]))
        ++at;
    const std::string_view name = content.substr(brace + 1, at - brace - 1);
    if (name.empty() || at == content.size()) return std::nullopt;
    if (content[at] == '}') return Found{at + 1, name, {}};
    if (content[at] != ':') return std::nullopt;
    const std::size_t end = content.find_first_of("{}", at);
    if (end == std::string_view::npos || content[end] == '{') return std::nullopt;
    return Found{end + 1, name, content.substr(at, end - at)};
}

}  // namespace

Values values_of(const ledger::BoardRecord& board) {
    const auto& attempt = board.attempt;
    return {.mac = attempt.mac.value_or(MacAddress()),
            .thing = attempt.thing,
            .certificate_id = board.certificate ? board.certificate->id : attempt.certificate_id,
            .serial = attempt.serial,
            .lot = attempt.lot,
            .chip = attempt.chip,
            .firmware = attempt.firmware,
            .firmware_version = attempt.app_version,
            .firmware_commit = attempt.firmware_commit,
            .station = attempt.station,
            .host = attempt.host,
            .operator_name = attempt.operator_name,
            .bay = attempt.bay,
            .account = attempt.account,
            .region = attempt.region,
            .endpoint = attempt.endpoint,
            .passed = attempt.ended};
}

Values sample_values() {
    const std::string digits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    return {.mac = {{0x24, 0x6F, 0x28, 0xA1, 0xB2, 0xC3}},
            .thing = "246f28a1b2c3",
            .certificate_id = digits,
            .serial = "SN-00012345",
            .lot = "order-2026-0017",
            .chip = "ESP32-S3",
            .firmware = digits,
            // ESP-IDF's esp_app_desc_t has 31 characters for it; few take more than this.
            .firmware_version = "v1.12.0-118-g3f9c2ab",
            .firmware_commit = digits.substr(0, 40),
            .station = "station-1",
            .host = "bench-pc-1",
            .operator_name = "A. Sample",
            .bay = "bay16",
            .account = "123456789012",
            .region = "eu-central-1",
            .endpoint = "a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com",
            .passed = parse_iso8601("2026-07-14T09:30:00Z")};
}

std::span<const Placeholder> placeholders() {
    return table;
}

std::string placeholder_table() {
    std::string text = "| placeholder | what | for example |\n|---|---|---|\n";
    for (const auto& one : table)
        text += fmt::format("| `{{{}}}` | {} | `{}` |\n", one.name, one.meaning,
                            one.value(sample_values()));
    return text;
}

Result<Filled> fill(std::string_view content, const Values& values) {
    Filled filled;
    bool has_value = false;
    std::size_t at = 0;
    while (at < content.size()) {
        const std::size_t brace = std::min(content.find('{', at), content.size());
        filled.text += content.substr(at, brace - at);
        if (brace == content.size()) break;
        const auto found = placeholder_at(content, brace);
        if (!found) {
            filled.text += '{';
            at = brace + 1;
            continue;
        }
        IMPRINT_TRY(const std::string value, value_of(found->name, found->form, values));
        filled.has_placeholders = true;
        if (!value.empty())
            has_value = true;
        else if (filled.missing.empty())
            filled.missing = content.substr(brace, found->end - brace);
        filled.text += value;
        at = found->end;
    }
    filled.all_missing = filled.has_placeholders && !has_value;
    return filled;
}

}  // namespace imprint::label
