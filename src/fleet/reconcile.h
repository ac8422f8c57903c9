// Compares the ledgers with the registry: what stations recorded, and what has changed in the cloud
// since then.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/error.h"
#include "events/words.h"
#include "ledger/ledger.h"
#include "registry/registry.h"

namespace imprint::fleet {

using events::DifferenceKind;

struct FoundDifference {
    std::string thing;
    std::string certificate;  // id; empty for a thing
    std::string in_ledger;    // "proven"
    std::string in_registry;  // for a person: "missing", "INACTIVE", "ACTIVE, attached to no thing"
    std::string hint;         // likewise; never one that takes a working board offline
    DifferenceKind kind = DifferenceKind::missing;
    // Set for a certificate that is in the registry.
    std::optional<registry::CertificateStatus> status = {};
    std::optional<std::string> arn = {};
    std::optional<std::string> replaced_by = {};  // id of the one that its board uses now
    std::optional<std::string> policy = {};       // the one it should have
    std::optional<std::string> other_thing = {};  // the one that has it
};

struct ReconcileScope {
    // Things of this type that no ledger knows are differences too; empty: not checked.
    std::string thing_type;
    // Things that were made before their boards were known: minted, and perhaps registered.
    std::set<std::string> made_ahead = {};
};

struct ReconcileReport {
    std::size_t certificates = 0;  // number compared
    std::size_t differences = 0;
    std::size_t waiting = 0;  // things made ahead that are registered but on no board yet
};

// Changes nothing. A certificate is compared with the newest one of its board, over all ledgers;
// what a living attempt is working on is not a difference. Errors: those of registry and ledger.
[[nodiscard]] Result<ReconcileReport> reconcile(
    registry::Reader& registry, std::span<ledger::Reports* const> ledgers,
    const ReconcileScope& scope, const std::function<void(const FoundDifference&)>& visit);

}  // namespace imprint::fleet
