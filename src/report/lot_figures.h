// What a lot's boards come to, gathered board by board: its size does not grow with their number.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ledger/lots.h"

namespace imprint::report {

// Boards by the end of their first judgement.
struct Span {
    WallTime start;
    std::uint64_t first_passed = 0;
    std::uint64_t first_failed = 0;
};

// A cause of failure: an error's code.
struct Cause {
    std::string code;
    ledger::Fault fault = ledger::Fault::board;
    std::uint64_t attempts = 0;
    // With the attempts in each, the most first; "station: bay" where there are several stations.
    std::vector<std::pair<std::string, std::uint64_t>> bays;
    std::vector<std::string> boards;  // MACs of the first few
    std::uint64_t more_boards = 0;
};

class LotFigures {
  public:
    void add(const ledger::LotBoard& board);
    void add_unidentified(const ledger::AttemptRecord& attempt);

    [[nodiscard]] const ledger::LotCounts& counts() const { return counts_; }

    // From the first to the last, also those without a board; at most `most` of them, each of the
    // same whole number of hours.
    [[nodiscard]] std::vector<Span> spans(std::size_t most = 48) const;
    // The most frequent first.
    [[nodiscard]] std::vector<Cause> causes() const;
    // Of the attempts that passed: this share of them took no longer. None: none has passed.
    [[nodiscard]] std::optional<double> seconds_of_share(double share) const;
    // Passed boards an hour, over the hours in which there were any.
    [[nodiscard]] std::optional<double> boards_an_hour() const;

    // Boards that failed at first, and have passed since.
    [[nodiscard]] std::uint64_t repaired() const { return repaired_; }

    [[nodiscard]] std::size_t stations() const { return stations_.size(); }

    // That passed boards of the lot were given: digest → version and commit, as one text.
    [[nodiscard]] const std::map<std::string, std::string>& firmware() const { return firmware_; }

  private:
    void add_judgement(const ledger::LotBoard& board);
    void add_passed(const ledger::AttemptRecord& attempt);
    // True: the attempt failed.
    bool add_cause(const ledger::AttemptRecord& attempt);

    struct Gathered {
        Cause cause;
        std::map<std::string, std::map<std::string, std::uint64_t>> places;  // station → bay
    };

    ledger::LotCounts counts_;
    std::map<std::int64_t, Span> hours_;  // by the hour since 1970
    std::map<std::int64_t, std::uint64_t> passed_in_hour_;
    std::map<std::string, Gathered> causes_;
    std::map<std::int64_t, std::uint64_t> tenths_;  // durations, in tenths of a second
    std::uint64_t repaired_ = 0;
    std::set<std::string> stations_;
    std::map<std::string, std::string> firmware_;
};

}  // namespace imprint::report
