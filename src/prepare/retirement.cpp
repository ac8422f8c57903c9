#include "prepare/retirement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace imprint::prepare {

namespace {

void tell_shared(const Log& log, const std::string& thing, const std::string& certificate_id,
                 const std::vector<std::string>& others) {
    log.warning(
        "certificate {} is used by {} as well: it is taken from {}, and left to {} as it is",
        certificate_id, fmt::join(others, ", "), thing,
        others.size() == 1 ? "that thing" : "those things");
}

}  // namespace

Result<registry::Retired> retire_and_record(RecordedRegistry& registry, ledger::Ledger& ledger,
                                            const std::string& thing,
                                            const std::string& certificate_id, const Log& log,
                                            std::optional<ledger::AttemptId> attempt,
                                            Milliseconds most) {
    IMPRINT_TRY(auto things, ledger.things_of_board(certificate_id));
    things.insert(thing);
    IMPRINT_TRY(auto retired, registry.retire(certificate_id, things, most));
    if (!retired.left_to.empty()) tell_shared(log, thing, certificate_id, retired.left_to);
    if (retired.unfinished) {
        log.warning(
            "certificate {} is INACTIVE, but the registry does not let it be deleted yet; a later "
            "run or `imprint registry sweep --apply` does",
            certificate_id);
        IMPRINT_CHECK(ledger.owe_retirement(attempt, certificate_id));
    } else {
        IMPRINT_CHECK(ledger.certificate_gone(certificate_id));
    }
    return retired;
}

Result<void> deactivate_and_record(RecordedRegistry& registry, ledger::Ledger& ledger,
                                   const ledger::CertificateRecord& certificate, const Log& log) {
    IMPRINT_TRY(auto things, ledger.things_of_board(certificate.id));
    things.insert(certificate.thing);
    IMPRINT_TRY(const auto done, registry.deactivate(certificate.id, things));
    // One that a board failed with may come yet: by the board's own connection (just in time), or
    // because this is not the registry that it was made in. It stays owed until the board is
    // prepared again.
    if (!done.was_there && certificate.state == ledger::CertificateState::active) return {};
    if (done.left_to.empty()) return ledger.deactivated(certificate.row);
    IMPRINT_CHECK(retire_and_record(registry, ledger, certificate.thing, certificate.id, log));
    return {};
}

Result<unsigned> settle_debts(RecordedRegistry& registry, ledger::Ledger& ledger, const Log& log) {
    unsigned settled = 0;
    IMPRINT_TRY(const auto deactivations, ledger.owed_deactivations());
    for (const auto& certificate : deactivations) {
        log.info("making certificate {} of board {} INACTIVE, which an earlier attempt owes",
                 certificate.id, certificate.mac.id());
        if (auto done = deactivate_and_record(registry, ledger, certificate, log); !done)
            return with_context(std::move(done).error(), "settling what an earlier run owes");
        ++settled;
    }
    IMPRINT_TRY(const auto retirements, ledger.owed_retirements());
    for (const auto& certificate : retirements) {
        log.info("removing certificate {} of board {}, which an earlier attempt owes",
                 certificate.id, certificate.mac.id());
        const auto done = retire_and_record(registry, ledger, certificate.thing, certificate.id,
                                            log, {}, Milliseconds(0));
        if (!done && done.error().kind == ErrorKind::ledger) return std::unexpected(done.error());
        if (!done)
            log.warning("certificate {}: {}", certificate.id, done.error().describe());
        else
            ++settled;
    }
    return settled;
}

}  // namespace imprint::prepare
