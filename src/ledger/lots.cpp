#include "ledger/lots.h"

#include <algorithm>
#include <utility>

#include "ledger/record_names.h"

namespace imprint::ledger {

std::string_view to_string(LotState state) {
    return name_of(lot_state_names, state);
}

std::string_view to_string(FailedSerial what) {
    return name_of(failed_serial_names, what);
}

std::string_view to_string(SerialState state) {
    return name_of(serial_state_names, state);
}

std::string_view to_string(Verdict verdict) {
    return name_of(verdict_names, verdict);
}

Verdict verdict_of(Outcome outcome, Fault fault) {
    switch (outcome) {
        case Outcome::passed:
        case Outcome::replaced:
            return Verdict::passed;
        case Outcome::failed:
            return fault == Fault::station ? Verdict::error : Verdict::failed;
        case Outcome::stopped:
        case Outcome::killed:
            return Verdict::aborted;
        case Outcome::running:
            return Verdict::running;
        case Outcome::skipped:
        case Outcome::empty:
            return Verdict::none;
    }
    return Verdict::none;
}

void LotStanding::add(Verdict verdict, bool overwrote) {
    const std::size_t number = added_++;
    if (verdict == Verdict::none) return;
    ++attempts_;
    const bool is_judgement = verdict == Verdict::passed || verdict == Verdict::failed;
    if (is_judgement && first_ == Verdict::none) first_ = verdict;
    const bool holds = now_ == Verdict::passed && !overwrote;
    const bool says_nothing =
        (verdict == Verdict::error && now_ == Verdict::failed) ||
        (verdict == Verdict::aborted && (now_ == Verdict::failed || now_ == Verdict::error));
    if (verdict != Verdict::passed && (holds || says_nothing)) return;
    now_ = verdict;
    decided_by_ = number;
}

LotBoard lot_board_of(std::vector<LotAttempt> attempts) {
    LotBoard board;
    board.mac = attempts.front().record.mac.value_or(MacAddress{});
    board.golden = std::ranges::all_of(attempts, [](const auto& one) { return one.record.golden; });
    for (LotAttempt& one : attempts) {
        const bool counts = board.golden || !one.record.golden;
        board.standing.add(
            counts ? verdict_of(one.record.outcome, one.record.fault) : Verdict::none,
            one.overwrote);
        board.attempts.push_back(std::move(one.record));
    }
    return board;
}

void LotCounts::add(const LotStanding& board) {
    switch (board.now()) {
        case Verdict::none:
            return;
        case Verdict::running:
            ++running;
            break;
        case Verdict::aborted:
            ++aborted;
            break;
        case Verdict::error:
            ++error;
            break;
        case Verdict::failed:
            ++failed;
            break;
        case Verdict::passed:
            ++passed;
            break;
    }
    ++boards;
    if (board.first() == Verdict::passed) ++first_passed;
    if (board.first() == Verdict::failed) ++first_failed;
}

std::optional<double> LotCounts::first_pass_yield() const {
    const std::uint64_t judged = first_passed + first_failed;
    if (judged == 0) return std::nullopt;
    return static_cast<double>(first_passed) / static_cast<double>(judged);
}

}  // namespace imprint::ledger
