#include "cli/ledger_filter.h"

#include <fmt/format.h>
#include <sstream>

#include "base/files.h"
#include "base/text.h"

namespace imprint::cli {

namespace {

Result<std::string> text_of_file(const std::string& path) {
    if (path != "-") return read_text(path, file_limit::long_text);
    IMPRINT_TRY(const Bytes bytes, read_standard_input(file_limit::long_text));
    return std::string(as_text(bytes));
}

}  // namespace

Result<WallTime> parse_time(const std::string& text, bool end_of_day) {
    constexpr std::string_view date = "2026-11-28";
    constexpr std::string_view minute = "2026-11-28T14:30";
    constexpr std::string_view second = "2026-11-28T14:30:15";
    std::string plain(trimmed(text));
    if (plain.ends_with('Z')) plain.pop_back();
    const std::size_t given = plain.size();
    if (given == date.size()) plain += "T00:00";
    if (plain.size() == minute.size()) plain += ":00";
    const auto time = plain.size() == second.size() ? parse_iso8601(plain + "Z") : std::nullopt;
    if (time) return given == date.size() && end_of_day ? *time + std::chrono::days(1) : *time;
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
    command.option({"--lot", "LOT", "of this production order alone"}, &words->lot);
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
