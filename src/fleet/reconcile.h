// The ledgers against the registry: what stations recorded, and what the cloud has made of it
// since.
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
    std::string hint;         // likewise; takes no board down that works
    DifferenceKind kind = DifferenceKind::missing;
    // Of a certificate that is in the registry.
    std::optional<registry::CertificateStatus> status = {};
    std::optional<std::string> arn = {};
    std::optional<std::string> replaced_by = {};  // id of the one that its board works with
    std::optional<std::string> policy = {};       // that it should have
    std::optional<std::string> other_thing = {};  // that has it
};

struct ReconcileScope {
    // Things of it that no ledger has heard of are differences too; empty: not asked for.
    std::string thing_type;
    // Things that were made ahead of their boards: minted, and perhaps registered.
    std::set<std::string> made_ahead = {};
};

struct ReconcileReport {
    std::size_t certificates = 0;  // that were compared
    std::size_t differences = 0;
    std::size_t waiting = 0;  // things made ahead that are registered, and on no board yet
};

// Changes nothing. A certificate is judged by the newest of its board, over all ledgers; what a
// living attempt has in hand is no difference. Errors: those of registry and ledger.
[[nodiscard]] Result<ReconcileReport> reconcile(
    registry::Reader& registry, std::span<ledger::Reports* const> ledgers,
    const ReconcileScope& scope, const std::function<void(const FoundDifference&)>& visit);

}  // namespace imprint::fleet
