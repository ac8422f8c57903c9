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
#include "ledger/ledger.h"
#include "registry/iot_client.h"

namespace imprint::fleet {

enum class LeftoverKind : std::uint8_t {
    unused_certificate,  // INACTIVE, and of no proven board
    loose_certificate,   // ACTIVE, and attached to no thing
    bare_thing,          // without any certificate
};
[[nodiscard]] std::string_view to_string(LeftoverKind kind);  // "unused_certificate"

struct Leftover {
    LeftoverKind kind = LeftoverKind::unused_certificate;
    std::string thing;        // empty: none
    std::string certificate;  // id; empty for a thing
    registry::CertificateStatus status = registry::CertificateStatus::inactive;
    WallTime created;  // of a certificate
    // Imprint made it: a ledger has it, or it is of no thing and has the configured policy, or (a
    // thing) the configured type. Others are shown and never touched.
    bool ours = false;
    std::string why;  // "asked for by a run that died", …
};

struct SweepScope {
    std::string policy;      // the devices' one
    std::string thing_type;  // of the devices; empty: things are left alone
    std::chrono::seconds at_least_as_old = std::chrono::hours(1);  // younger: a run may be at it
};

// Changes nothing. Asks the registry twice for each certificate that no ledger vouches for: of
// several stations all ledgers are wanted. Errors: those of registry and ledger.
[[nodiscard]] Result<std::vector<Leftover>> find_leftovers(registry::IotClient& iot,
                                                           std::span<ledger::Ledger* const> ledgers,
                                                           const SweepScope& scope, WallTime now);

// Of what is ours; the ledgers are told. A certificate that is ACTIVE is looked at once more
// before: one that has got a thing meanwhile stays. Gives whether it is gone.
[[nodiscard]] Result<bool> remove_leftover(registry::IotClient& iot,
                                           std::span<ledger::Ledger* const> ledgers,
                                           const Leftover& leftover, const Log& log = {});

}  // namespace imprint::fleet
