// What is left in the registry that no board works with and no ledger vouches for: certificates
// that a run asked for and never used, certificates without a thing, things without a certificate.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "events/words.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"

namespace imprint::fleet {

using events::LeftoverCause;
using events::LeftoverKind;

struct FoundLeftover {
    LeftoverKind kind = LeftoverKind::unused_certificate;
    std::string thing;        // empty: none
    std::string certificate;  // id; empty for a thing
    registry::CertificateStatus status = registry::CertificateStatus::inactive;
    WallTime created;  // of a certificate
    // Imprint made it: a ledger has it, or (a certificate) it is of no thing and has the configured
    // policy. Others are shown and never touched.
    bool ours = false;
    LeftoverCause cause = LeftoverCause::anothers;
    std::string why;  // for a person: "asked for by a run that died", …
};

struct SweepScope {
    std::string policy;      // the devices' one
    std::string thing_type;  // of the devices; empty: things are left alone
    std::chrono::seconds at_least_as_old = std::chrono::hours(1);  // younger: a run may be at it
};

// Changes nothing. What a living attempt has in hand is no leftover. Asks the registry twice for
// each certificate that no ledger vouches for: of several stations all ledgers are wanted. Errors:
// those of registry and ledger.
[[nodiscard]] Result<std::vector<FoundLeftover>> find_leftovers(
    registry::Reader& registry, std::span<ledger::Reports* const> ledgers, const SweepScope& scope,
    WallTime now);

// Of what is ours; the ledgers are told. What has come into use meanwhile stays. An owed
// deactivation is only that: the certificate stays, INACTIVE, until another is proven on its board.
// Gives whether it was done.
[[nodiscard]] Result<bool> remove_leftover(prepare::RecordedRegistry& registry,
                                           std::span<ledger::Ledger* const> ledgers,
                                           const FoundLeftover& leftover, const Log& log = {});

}  // namespace imprint::fleet
