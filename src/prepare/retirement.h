// Taking a certificate from its thing, and writing down what became of it: one way for preparing,
// rotating, pushing, retiring and sweeping.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"

namespace imprint::prepare {

// As registry::Registry::retire, from the thing and all that the ledger's board has been before.
// What other things use is left to them, and told. What is not
// wholly gone yet is owed by the ledger; attempt: for whom, where the ledger does not know the
// certificate yet.
[[nodiscard]] Result<registry::Retired> retire_and_record(
    RecordedRegistry& registry, ledger::Ledger& ledger, const std::string& thing,
    const std::string& certificate_id, const Log& log,
    std::optional<ledger::AttemptId> attempt = {}, Milliseconds most = Milliseconds::max());

// Makes one INACTIVE whose board does not have it any more, or failed with it. What other things
// use is only taken from this thing.
[[nodiscard]] Result<void> deactivate_and_record(RecordedRegistry& registry, ledger::Ledger& ledger,
                                                 const ledger::CertificateRecord& certificate,
                                                 const Log& log);

// What attempts owe that have ended, or whose process is dead. Gives how many were settled. Error:
// the first that cannot be made INACTIVE; one that only cannot be deleted yet stays owed.
[[nodiscard]] Result<unsigned> settle_debts(RecordedRegistry& registry, ledger::Ledger& ledger,
                                            const Log& log);

}  // namespace imprint::prepare
