#include "ledger/records.h"

#include <algorithm>
#include <utility>

#include "ledger/ledger.h"
#include "ledger/record_names.h"

namespace imprint::ledger {

std::string_view to_string(CertificateState state) {
    return name_of(state_names, state);
}

std::string_view to_string(Outcome outcome) {
    return name_of(outcome_names, outcome);
}

Outcome shown_outcome(Outcome stored, std::optional<CertificateState> certificate) {
    if (stored != Outcome::passed || !certificate) return stored;
    switch (*certificate) {
        case CertificateState::requested:
        case CertificateState::inactive:
        case CertificateState::overwritten:
        case CertificateState::gone:
            return Outcome::replaced;
        case CertificateState::staged:
        case CertificateState::queued:
        case CertificateState::active:
        case CertificateState::proven:
            return stored;
    }
    return stored;
}

std::string_view to_string(Fault fault) {
    return name_of(fault_names, fault);
}

std::string_view to_string(BoardState state) {
    return name_of(board_state_names, state);
}

namespace {

// Of the last attempt that did something to the board.
BoardState state_without_certificate(const std::vector<AttemptRecord>& attempts) {
    auto last = std::ranges::find_if(attempts.rbegin(), attempts.rend(), [](const auto& one) {
        return one.outcome != Outcome::skipped;
    });
    if (last == attempts.rend()) --last;
    switch (last->outcome) {
        case Outcome::running:
            return BoardState::running;
        case Outcome::killed:
            return BoardState::killed;
        case Outcome::stopped:
            return BoardState::stopped;
        case Outcome::passed:
        case Outcome::replaced:
        case Outcome::skipped:
            return BoardState::retired;
        case Outcome::failed:
        case Outcome::empty:
            return BoardState::failed;
    }
    return BoardState::failed;
}

// The last one that was proven, or asked for and queued since.
auto rank(const LivingCertificate& one) {
    return std::pair(
        std::max(one.record.proven_at.value_or(one.record.requested_at), one.record.requested_at),
        one.record.row);
}

}  // namespace

BoardRecord board_of(std::vector<AttemptRecord> attempts, std::vector<LivingCertificate> living) {
    BoardRecord board;
    board.attempts = attempts.size();
    const auto best = std::ranges::max_element(living, {}, rank);
    if (best == living.end()) {
        board.state = state_without_certificate(attempts);
        board.attempt = std::move(attempts.back());
        return board;
    }
    board.state = BoardState::passed;
    const auto from = std::ranges::find(attempts, best->record.attempt, &AttemptRecord::id);
    board.attempt = std::move(from == attempts.end() ? attempts.back() : *from);
    board.certificate = std::move(best->record);
    board.certificate_pem = std::move(best->pem);
    return board;
}

void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep) {
    for (const CertificateRecord& record : records)
        if (!record.id.empty() && record.id != keep && record.state != CertificateState::gone &&
            std::ranges::find(ids, record.id) == ids.end())
            ids.push_back(record.id);
}

Result<std::vector<AttemptRecord>> attempts(Reports& ledger, const std::optional<MacAddress>& mac,
                                            std::size_t most) {
    std::vector<AttemptRecord> records;
    if (most == 0) return records;
    IMPRINT_CHECK(ledger.each_attempt(mac, [&](const AttemptRecord& record) {
        records.push_back(record);
        return records.size() < most;
    }));
    return records;
}

}  // namespace imprint::ledger
