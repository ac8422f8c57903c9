// Retires or deactivates a certificate of a thing and records the outcome: the same code for
// preparing, rotating, pushing, retiring and sweeping.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"

namespace imprint::prepare {

// Like registry::Registry::retire, for the thing and all things that the board has been according
// to the ledger. A certificate that other things use is left to them, and that is logged. A
// retirement that is not complete yet is owed in the ledger; attempt: on whose behalf, if the
// ledger does not know the certificate yet.
[[nodiscard]] Result<registry::Retired> retire_and_record(
    RecordedRegistry& registry, ledger::Ledger& ledger, const std::string& thing,
    const std::string& certificate_id, const Log& log,
    std::optional<ledger::AttemptId> attempt = {}, Milliseconds most = Milliseconds::max());

// Makes a certificate INACTIVE that its board no longer has, or has failed with. One that other
// things use is only detached from this thing.
[[nodiscard]] Result<void> deactivate_and_record(RecordedRegistry& registry, ledger::Ledger& ledger,
                                                 const ledger::CertificateRecord& certificate,
                                                 const Log& log);

// Settles the debts of attempts that have ended or whose process is dead. Returns how many were
// settled. Error: that of the first one that cannot be made INACTIVE; one that only cannot be
// deleted yet stays owed.
[[nodiscard]] Result<unsigned> settle_debts(RecordedRegistry& registry, ledger::Ledger& ledger,
                                            const Log& log);

}  // namespace imprint::prepare
