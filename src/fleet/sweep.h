// Leftovers in the registry that no board uses and no ledger knows as in use: certificates that a
// run requested and never used, certificates without a thing, things without a certificate.
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
    // Made by Imprint: it is in a ledger, or it is a certificate without a thing that has the
    // configured policy. Others are shown and never touched.
    bool ours = false;
    LeftoverCause cause = LeftoverCause::anothers;
    std::string why;  // for a person: "asked for by a run that died", …
};

struct SweepScope {
    std::string policy;      // the devices' policy
    std::string thing_type;  // the devices' type; empty: things are left alone
    std::chrono::seconds at_least_as_old = std::chrono::hours(1);  // younger: a run may use it
};

// Changes nothing. What a living attempt is working on is not a leftover. Asks the registry twice
// for each certificate that no ledger knows: with several stations, pass all their ledgers. Errors:
// those of registry and ledger.
[[nodiscard]] Result<std::vector<FoundLeftover>> find_leftovers(
    registry::Reader& registry, std::span<ledger::Reports* const> ledgers, const SweepScope& scope,
    WallTime now);

// Only for leftovers that are ours; the ledgers are updated. What has come into use meanwhile
// stays. An owed deactivation is only carried out: the certificate stays, INACTIVE, until another
// one is proven on its board. Returns whether it was done.
[[nodiscard]] Result<bool> remove_leftover(prepare::RecordedRegistry& registry,
                                           std::span<ledger::Ledger* const> ledgers,
                                           const FoundLeftover& leftover, const Log& log = {});

}  // namespace imprint::fleet
