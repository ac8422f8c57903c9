#include "report/lot_figures.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace imprint::report {

namespace {

using ledger::Verdict;

// Of each cause: more than a person goes through.
constexpr std::size_t most_boards = 20;
// Whatever the lot's life: codes are few, and so are places.
constexpr std::size_t most_firmware = 20;

std::int64_t hour_of(WallTime time) {
    return std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count();
}

WallTime start_of(std::int64_t hour) {
    return WallTime(std::chrono::hours(hour));
}

Verdict verdict_of(const ledger::AttemptRecord& attempt) {
    return ledger::verdict_of(attempt.outcome, attempt.fault);
}

}  // namespace

void LotFigures::add(const ledger::LotBoard& board) {
    if (board.golden) {
        ++counts_.golden;
        return;
    }
    counts_.add(board.standing);
    add_judgement(board);
    if (board.standing.now() == Verdict::passed) add_passed(board.deciding());
    if (board.standing.now() == Verdict::passed && board.standing.first() == Verdict::failed)
        ++repaired_;
    std::set<std::string> failed_by;
    for (const auto& attempt : board.attempts)
        if (!attempt.golden && add_cause(attempt)) failed_by.insert(attempt.error_code);
    for (const std::string& code : failed_by) {
        Cause& cause = causes_.at(code).cause;
        if (cause.boards.size() < most_boards)
            cause.boards.push_back(board.mac.id());
        else
            ++cause.more_boards;
    }
}

void LotFigures::add_unidentified(const ledger::AttemptRecord& attempt) {
    ++counts_.unidentified;
    add_cause(attempt);
}

void LotFigures::add_judgement(const ledger::LotBoard& board) {
    const auto first = std::ranges::find_if(board.attempts, [](const auto& one) {
        const Verdict verdict = verdict_of(one);
        return !one.golden && (verdict == Verdict::passed || verdict == Verdict::failed);
    });
    if (first == board.attempts.end()) return;
    const std::int64_t hour = hour_of(first->ended.value_or(first->started));
    Span& span = hours_[hour];
    span.start = start_of(hour);
    ++(verdict_of(*first) == Verdict::passed ? span.first_passed : span.first_failed);
}

void LotFigures::add_passed(const ledger::AttemptRecord& attempt) {
    stations_.insert(attempt.station.empty() ? attempt.host : attempt.station);
    if (firmware_.size() < most_firmware && !attempt.firmware.empty())
        firmware_[attempt.firmware] = attempt.firmware_commit.empty()
                                          ? attempt.app_version
                                          : fmt::format("{} ({})", attempt.app_version,
                                                        attempt.firmware_commit.substr(0, 12));
    if (!attempt.ended) return;
    ++passed_in_hour_[hour_of(*attempt.ended)];
    const auto took = std::chrono::floor<Milliseconds>(*attempt.ended - attempt.started);
    ++tenths_[std::clamp<std::int64_t>((took.count() + 50) / 100, 0, 36'000)];
}

bool LotFigures::add_cause(const ledger::AttemptRecord& attempt) {
    const Verdict verdict = verdict_of(attempt);
    if (verdict != Verdict::failed && verdict != Verdict::error) return false;
    Gathered& gathered = causes_[attempt.error_code];
    gathered.cause.code = attempt.error_code;
    gathered.cause.fault = attempt.fault;
    ++gathered.cause.attempts;
    ++gathered.places[attempt.station][attempt.bay];
    return true;
}

std::vector<Span> LotFigures::spans(std::size_t most) const {
    std::vector<Span> spans;
    if (hours_.empty() || most == 0) return spans;
    const std::int64_t last = hours_.rbegin()->first;
    // Whole days and parts of them, so that a day's first column is its first hour.
    constexpr std::array<std::int64_t, 7> lengths = {1, 2, 4, 8, 24, 168, 24L * 7 * 52};
    const auto count = [&](std::int64_t length) {
        return last / length - hours_.begin()->first / length + 1;
    };
    const auto fits = std::ranges::find_if(
        lengths, [&](auto length) { return count(length) <= static_cast<std::int64_t>(most); });
    const std::int64_t length = fits == lengths.end() ? lengths.back() : *fits;
    const std::int64_t first = hours_.begin()->first / length;
    spans.resize(std::min(static_cast<std::size_t>(count(length)), most));
    for (std::size_t i = 0; i < spans.size(); ++i)
        spans[i].start = start_of((first + static_cast<std::int64_t>(i)) * length);
    for (const auto& [hour, span] : hours_) {
        const auto at = static_cast<std::size_t>(hour / length - first);
        if (at >= spans.size()) break;
        spans[at].first_passed += span.first_passed;
        spans[at].first_failed += span.first_failed;
    }
    return spans;
}

std::vector<Cause> LotFigures::causes() const {
    const bool several = std::ranges::any_of(causes_, [&](const auto& one) {
        return one.second.places.size() > 1 ||
               one.second.places.begin()->first != causes_.begin()->second.places.begin()->first;
    });
    std::vector<Cause> causes;
    for (const auto& [code, gathered] : causes_) {
        Cause cause = gathered.cause;
        for (const auto& [station, bays] : gathered.places)
            for (const auto& [bay, attempts] : bays)
                cause.bays.emplace_back(several ? fmt::format("{}: {}", station, bay) : bay,
                                        attempts);
        std::ranges::sort(cause.bays, [](const auto& a, const auto& b) {
            return std::pair(b.second, a.first) < std::pair(a.second, b.first);
        });
        causes.push_back(std::move(cause));
    }
    std::ranges::sort(causes, [](const Cause& a, const Cause& b) {
        return std::pair(b.attempts, a.code) < std::pair(a.attempts, b.code);
    });
    return causes;
}

std::optional<double> LotFigures::seconds_of_share(double share) const {
    std::uint64_t all = 0;
    for (const auto& [tenths, attempts] : tenths_)
        all += attempts;
    std::uint64_t so_far = 0;
    for (const auto& [tenths, attempts] : tenths_) {
        so_far += attempts;
        if (static_cast<double>(so_far) >= share * static_cast<double>(all))
            return static_cast<double>(tenths) / 10;
    }
    return std::nullopt;
}

std::optional<double> LotFigures::boards_an_hour() const {
    if (passed_in_hour_.empty()) return std::nullopt;
    std::uint64_t all = 0;
    for (const auto& [hour, boards] : passed_in_hour_)
        all += boards;
    return static_cast<double>(all) / static_cast<double>(passed_in_hour_.size());
}

}  // namespace imprint::report
