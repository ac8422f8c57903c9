#include "report/told.h"

#include <cstdint>
#include <fmt/format.h>
#include <optional>

#include "base/text.h"

namespace imprint::report {

namespace {

// Empty: any.
std::string limit_text(const std::optional<std::uint32_t>& revision) {
    return revision ? revision_text(*revision) : std::string();
}

}  // namespace

events::BoardStanding told(ledger::BoardState state) {
    using From = ledger::BoardState;
    using To = events::BoardStanding;
    switch (state) {
        case From::passed:
            return To::passed;
        case From::failed:
            return To::failed;
        case From::stopped:
            return To::stopped;
        case From::running:
            return To::running;
        case From::killed:
            return To::killed;
        case From::retired:
            return To::retired;
    }
    return To::failed;
}

events::BoardVerdict told(ledger::Verdict verdict) {
    using From = ledger::Verdict;
    using To = events::BoardVerdict;
    switch (verdict) {
        case From::none:
            return To::none;
        case From::running:
            return To::running;
        case From::aborted:
            return To::aborted;
        case From::error:
            return To::error;
        case From::failed:
            return To::failed;
        case From::passed:
            return To::passed;
    }
    return To::none;
}

events::LotState told(ledger::LotState state) {
    using From = ledger::LotState;
    using To = events::LotState;
    switch (state) {
        case From::open:
            return To::open;
        case From::paused:
            return To::paused;
        case From::closed:
            return To::closed;
    }
    return To::closed;
}

events::CertificateState told(ledger::CertificateState state) {
    using From = ledger::CertificateState;
    using To = events::CertificateState;
    switch (state) {
        case From::requested:
            return To::requested;
        case From::inactive:
            return To::inactive;
        case From::staged:
            return To::staged;
        case From::queued:
            return To::queued;
        case From::active:
            return To::active;
        case From::proven:
            return To::proven;
        case From::overwritten:
            return To::overwritten;
        case From::gone:
            return To::gone;
    }
    return To::requested;
}

events::Lot lot_event(const ToldLot& told) {
    const auto& facts = told.lot.facts;
    events::Lot event{.name = facts.name,
                      .code = facts.code,
                      .state = {},
                      .target = facts.target,
                      .opened = {},
                      .since = {},
                      .chip = facts.limits.chip,
                      .least_revision = limit_text(facts.limits.least_revision),
                      .most_revision = limit_text(facts.limits.most_revision),
                      .flash_size = facts.limits.flash_size,
                      .firmware = facts.limits.firmware,
                      .serial_template = facts.serial_template,
                      .failed_serial = std::string(to_string(facts.failed_serial)),
                      .golden = {},
                      .merged = told.lot.merged,
                      .boards = told.counts.boards,
                      .passed = told.counts.passed,
                      .failed = told.counts.failed,
                      .error = told.counts.error,
                      .aborted = told.counts.aborted,
                      .running = told.counts.running,
                      .first_passed = told.counts.first_passed,
                      .first_failed = told.counts.first_failed,
                      .unidentified = told.counts.unidentified,
                      .first_pass_yield = told.counts.first_pass_yield()};
    for (const MacAddress& mac : facts.golden)
        event.golden.push_back(mac.id());
    if (!told.is_open_one) return event;
    event.state = {report::told(told.lot.state)};
    event.opened = {told.lot.opened};
    event.since = {told.lot.since};
    return event;
}

events::LotBoard lot_board_event(const std::string& lot, const ledger::LotBoard& board) {
    const auto& attempt = board.deciding();
    return {.lot = lot,
            .mac = board.mac,
            .serial = attempt.serial,
            .verdict = told(board.standing.now()),
            .first = told(board.standing.first()),
            .golden = board.golden,
            .thing = attempt.thing,
            .certificate_id = attempt.certificate_id,
            .certificate_state = {attempt.certificate_state
                                      ? std::optional(told(*attempt.certificate_state))
                                      : std::nullopt},
            .chip = attempt.chip,
            .firmware = attempt.firmware,
            .firmware_commit = attempt.firmware_commit,
            .app_version = attempt.app_version,
            .started = attempt.started,
            .ended = {attempt.ended},
            .attempts = board.standing.attempts(),
            .operator_name = attempt.operator_name,
            .bay = attempt.bay,
            .station = attempt.station,
            .host = attempt.host,
            .code = attempt.error_code,
            .reason = attempt.error_message};
}

Result<ledger::LotRecord> opened_lot(ledger::LotReports& ledger, const std::string& name_or_code) {
    IMPRINT_TRY(auto found, ledger.find_lot(name_or_code));
    if (found) return *std::move(found);
    return fail(ErrorKind::usage, "lot_unknown",
                fmt::format("the ledger has no lot \"{}\"", name_or_code),
                "imprint lot list shows them; imprint lot open makes one");
}

Result<ToldLot> tell_of_lot(ledger::LotReports& ledger, const std::string& name_or_code) {
    IMPRINT_TRY(const auto found, ledger.find_lot(name_or_code));
    ToldLot told;
    told.is_open_one = found.has_value();
    if (found)
        told.lot = *found;
    else
        told.lot.facts.name = name_or_code;
    IMPRINT_TRY(told.counts, ledger.lot_counts(told.lot.facts.name));
    const bool is_known = found || told.counts != ledger::LotCounts();
    if (is_known) return told;
    return fail(ErrorKind::usage, "lot_unknown",
                fmt::format("the ledger knows no lot \"{}\"", name_or_code),
                "imprint lot list shows those that were opened");
}

}  // namespace imprint::report
