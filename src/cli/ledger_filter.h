// The options of `imprint ledger list` and `export` that choose among its records.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "ledger/filter.h"

namespace imprint::cli {

struct FilterWords {
    std::string lot;
    std::string since;
    std::string until;
    std::string outcome;
    std::vector<std::string> boards;  // MAC addresses
    std::string boards_file;          // one in each line; "-": standard input

    // Errors (usage): bad_mac, bad_time; those of reading the file.
    [[nodiscard]] Result<ledger::Filter> read() const;
};

// outcomes: what --outcome takes.
[[nodiscard]] std::shared_ptr<FilterWords> add_filter(Command& command,
                                                      const std::vector<std::string>& outcomes);

// "2026-11-28", "2026-11-28T14:30", "2026-11-28 14:30:15Z": UTC. end_of_day: a date without a time
// is the end of that day. Error: bad_time (usage).
[[nodiscard]] Result<WallTime> parse_time(const std::string& text, bool end_of_day);

}  // namespace imprint::cli
