#include "ledger/serial_template.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "base/nearest.h"

namespace imprint::ledger {

namespace {

constexpr std::int64_t largest_number = 999'999'999;
constexpr unsigned most_digits = 12;

// A part of a template: a text, or a placeholder with its width.
struct Part {
    bool is_placeholder = false;
    std::string_view text;
    std::optional<std::string> width;
};

std::vector<Part> parts_of(std::string_view text) {
    std::vector<Part> parts;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) {
            parts.push_back({false, text, {}});
            break;
        }
        if (open > 0) parts.push_back({false, text.substr(0, open), {}});
        Part part{true, text.substr(open + 1, close - open - 1), {}};
        if (const auto colon = part.text.find(':'); colon != std::string_view::npos) {
            part.width = std::string(part.text.substr(colon + 1));
            part.text = part.text.substr(0, colon);
        }
        parts.push_back(part);
        text.remove_prefix(close + 1);
    }
    return parts;
}

std::optional<unsigned> digits_of(const Part& part) {
    if (!part.width) return 1;
    unsigned digits = 0;
    const char* const end = part.width->data() + part.width->size();
    const auto read = std::from_chars(part.width->data(), end, digits);
    if (read.ec != std::errc() || read.ptr != end || digits == 0 || digits > most_digits)
        return std::nullopt;
    return digits;
}

struct YearAndWeek {
    int year;
    int week;
};

// ISO 8601: a week belongs to the year that has its Thursday.
YearAndWeek week_of(WallTime time) {
    using namespace std::chrono;
    const sys_days day = floor<days>(time);
    const sys_days thursday = day - (weekday(day) - Monday) + days(3);
    const year in = year_month_day(thursday).year();
    const sys_days first(in / January / 1);
    return {static_cast<int>(in), static_cast<int>((thursday - first).count() / 7 + 1)};
}

bool is_printable_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::unexpected<Error> bad(std::string_view text, const std::string& why, std::string hint) {
    return fail(ErrorKind::usage, "serial_template",
                fmt::format("the template of serial numbers \"{}\": {}", text, why),
                std::move(hint));
}

Result<void> check_placeholder(std::string_view text, const Part& part) {
    const std::vector<std::string> known{"number", "year", "week", "lot", "mac", "scan"};
    if (std::ranges::find(known, part.text) == known.end())
        return bad(text, fmt::format("{{{}}} is not known", part.text),
                   fmt::format("did you mean {{{}}}? known are {{number}}, {{year}}, {{week}}, "
                               "{{lot}}, {{mac}} and {{scan}}",
                               nearest(part.text, known).value_or("number")));
    if (part.width && part.text != "number")
        return bad(text, fmt::format("{{{}}} has no width", part.text), "only {number:5} has one");
    if (!digits_of(part))
        return bad(text, fmt::format("\"{}\" is no number of digits", *part.width),
                   fmt::format("write {{number:5}}: 1 to {} digits", most_digits));
    return {};
}

bool has_placeholder(std::string_view text, std::string_view name) {
    return std::ranges::any_of(parts_of(text), [name](const Part& part) {
        return part.is_placeholder && part.text == name;
    });
}

// What stands before and behind {scan}.
struct AroundScan {
    std::string before;
    std::string after;
};

AroundScan around_scan(std::string_view text, std::string_view lot) {
    AroundScan around;
    std::string* side = &around.before;
    for (const Part& part : parts_of(text)) {
        if (!part.is_placeholder)
            *side += part.text;
        else if (part.text == "scan")
            side = &around.after;
        else
            *side += lot;
    }
    return around;
}

// The label has the number: what the station would count or date has no place beside it.
bool may_stand_beside_scan(const Part& part) {
    return !part.is_placeholder || part.text == "scan" || part.text == "lot";
}

}  // namespace

bool has_number(std::string_view text) {
    return has_placeholder(text, "number");
}

bool is_scanned(std::string_view text) {
    return has_placeholder(text, "scan");
}

Result<void> check_scanned(std::string_view text, std::string_view lot, std::string_view scanned) {
    if (!is_scanned(text)) return {};
    if (scanned.empty())
        return fail(ErrorKind::board, "serial_not_scanned",
                    fmt::format("the boards of lot \"{}\" have their serial numbers on labels, and "
                                "none was scanned for this one",
                                lot),
                    "scan its label; at a bench (imprint station, prepare --watch) before it is "
                    "put in, or now");
    const auto [before, after] = around_scan(text, lot);
    if (scanned.size() > before.size() + after.size() && scanned.starts_with(before) &&
        scanned.ends_with(after))
        return {};
    return fail(ErrorKind::board, "serial_bad",
                fmt::format("\"{}\" is no serial number of lot \"{}\": they are like {}", scanned,
                            lot, text),
                "scan the label with the serial number");
}

std::string fill_in_serial(std::string_view text, const SerialValues& values) {
    using namespace std::chrono;
    const auto parts = parts_of(text);
    const bool has_week = std::ranges::any_of(
        parts, [](const Part& part) { return part.is_placeholder && part.text == "week"; });
    const YearAndWeek of_week = week_of(values.time);
    const int year =
        has_week ? of_week.year : static_cast<int>(year_month_day(floor<days>(values.time)).year());
    std::string serial;
    for (const Part& part : parts) {
        if (!part.is_placeholder)
            serial += part.text;
        else if (part.text == "number")
            serial += fmt::format("{:0{}}", values.number, digits_of(part).value_or(1));
        else if (part.text == "year")
            serial += fmt::format("{:04}", year);
        else if (part.text == "week")
            serial += fmt::format("{:02}", of_week.week);
        else if (part.text == "lot")
            serial += values.lot;
        else if (part.text == "mac")
            serial += values.mac.id();
    }
    return serial;
}

Result<void> check_serial_template(std::string_view text, std::string_view lot) {
    bool is_of_one_board = false;
    for (const Part& part : parts_of(text)) {
        if (!part.is_placeholder) {
            if (part.text.contains('{') || part.text.contains('}'))
                return bad(text, "a brace without its other one", "write {number}");
            continue;
        }
        IMPRINT_CHECK(check_placeholder(text, part));
        is_of_one_board |= part.text == "number" || part.text == "mac" || part.text == "scan";
    }
    const auto parts = parts_of(text);
    const auto scans = std::ranges::count_if(
        parts, [](const Part& part) { return part.is_placeholder && part.text == "scan"; });
    if (scans > 1 || (scans == 1 && !std::ranges::all_of(parts, may_stand_beside_scan)))
        return bad(text, "beside {scan} only text and {lot} can stand",
                   "write {scan} alone, or what all labels begin with before it: TH-{scan}");
    if (!is_of_one_board)
        return bad(text, "every board would get the same number",
                   "put {number} or {mac} into it; or {scan}, where it is on a label");
    const std::string longest =
        fill_in_serial(text, {.number = largest_number, .time = {}, .lot = lot, .mac = {}});
    if (!is_printable_ascii(longest))
        return bad(text, "a serial number is printable ASCII, and so is the lot's name in it",
                   "use letters, digits and - . / _");
    if (longest.size() > longest_serial)
        return bad(text, fmt::format("a serial number of {} characters", longest.size()),
                   fmt::format("{} is the most", longest_serial));
    return {};
}

Result<void> check_serial(std::string_view serial) {
    if (!serial.empty() && serial.size() <= longest_serial && is_printable_ascii(serial) &&
        serial.front() != ' ' && serial.back() != ' ')
        return {};
    return fail(
        ErrorKind::board, "serial_bad",
        fmt::format("what was scanned is no serial number: {} bytes{}", serial.size(),
                    is_printable_ascii(serial) ? "" : ", not printable ASCII"),
        fmt::format("1 to {} printable ASCII characters; scan the label again", longest_serial));
}

}  // namespace imprint::ledger
