#include "cli/ledger_filter.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/files.h"
#include "base/text.h"

namespace imprint::cli {

namespace {

Result<MacAddress> read_mac(const std::string& text) {
    if (const auto mac = parse_mac(text)) return *mac;
    return fail(ErrorKind::usage, "bad_mac", fmt::format("\"{}\" is no MAC address", text),
                "12 hex digits, with or without colons");
}

Result<std::string> text_of_file(const std::string& path) {
    if (path != "-") return read_text(path, file_limit::long_text);
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

// Of the form: # is a digit, all else itself. The numbers, in their order.
std::optional<std::vector<unsigned>> numbers_in(std::string_view text, std::string_view form) {
    if (text.size() != form.size()) return std::nullopt;
    std::vector<unsigned> numbers;
    bool in_number = false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '#' ? !digit : text[i] != form[i]) return std::nullopt;
        if (digit && !in_number) numbers.push_back(0);
        if (digit) numbers.back() = numbers.back() * 10 + static_cast<unsigned>(text[i] - '0');
        in_number = digit;
    }
    return numbers;
}

}  // namespace

Result<WallTime> parse_time(const std::string& text, bool end_of_day) {
    std::string plain(trimmed(text));
    if (plain.ends_with('Z')) plain.pop_back();
    if (plain.size() > 10 && plain[10] == ' ') plain[10] = 'T';
    for (const std::string_view form : {"####-##-##", "####-##-##T##:##", "####-##-##T##:##:##"}) {
        auto parts = numbers_in(plain, form);
        if (!parts) continue;
        const bool date_only = parts->size() == 3;
        parts->resize(6);
        const auto& [year, month, day, hour, minute, second] =
            std::tie((*parts)[0], (*parts)[1], (*parts)[2], (*parts)[3], (*parts)[4], (*parts)[5]);
        const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                               std::chrono::month(month), std::chrono::day(day)};
        if (!date.ok() || hour > 23 || minute > 59 || second > 59) break;
        WallTime time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                        std::chrono::minutes(minute) + std::chrono::seconds(second);
        if (date_only && end_of_day) time += std::chrono::days(1);
        return time;
    }
    return fail(ErrorKind::usage, "bad_time", fmt::format("\"{}\" is no time", text),
                "write 2026-11-28, or 2026-11-28T14:30: UTC");
}

Result<ledger::Filter> FilterWords::read() const {
    ledger::Filter filter;
    if (!lot.empty()) filter.lot = lot;
    if (!since.empty()) {
        IMPRINT_TRY(filter.since, parse_time(since, false));
    }
    if (!until.empty()) {
        IMPRINT_TRY(filter.until, parse_time(until, true));
    }
    for (const auto& text : boards) {
        IMPRINT_TRY(const MacAddress mac, read_mac(text));
        filter.boards.insert(mac);
    }
    if (boards_file.empty()) return filter;
    IMPRINT_TRY(std::string listed, text_of_file(boards_file));
    if (listed.starts_with("\xEF\xBB\xBF")) listed.erase(0, 3);
    std::istringstream words(listed);
    for (std::string word; words >> word;) {
        auto mac = read_mac(word);
        if (!mac) return with_context(std::move(mac).error(), "reading " + boards_file);
        filter.boards.insert(*mac);
    }
    if (filter.boards.empty())
        return fail(ErrorKind::usage, "bad_mac", fmt::format("{} names no board", boards_file),
                    "one MAC address a line");
    return filter;
}

std::shared_ptr<FilterWords> add_filter(Command& command,
                                        const std::vector<std::string>& outcomes) {
    auto words = std::make_shared<FilterWords>();
    command.option({"--lot", "NAME", "of this production order alone"}, &words->lot);
    command.option({"--since", "TIME", "that began at this time or later: 2026-11-28T14:30, UTC"},
                   &words->since);
    command.option({"--until", "TIME", "that began before this time, or on this day"},
                   &words->until);
    command.option({"--outcome", "OUTCOME", "that came to this", false, outcomes}, &words->outcome);
    command.option({"--board", "MAC", "this board; may be given several times"}, &words->boards);
    command.option({"--boards", "FILE", "the boards of this file, a MAC address a line; -: stdin"},
                   &words->boards_file);
    return words;
}

}  // namespace imprint::cli
