// Other hands on the same thing: two stations with ledgers of their own cannot see each other, only
// what each does in the registry. What is not this ledger's is never taken away while whoever made
// it may still be at work; and of two that prepare the same MAC at once, one gives way.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/settings.h"
#include "registry/registry.h"

namespace imprint::prepare {

struct RivalRules {
    // How long an attempt may go on after it has activated its certificate.
    Milliseconds watch{240'000};
    // How long to wait, when both have activated, for the other one to give way.
    Milliseconds yield{20'000};
    // How far the registry's answers may be behind when a board is about to pass.
    Milliseconds confirm{5000};
    // For what was made then and is registered only now: what another station has made since is not
    // former to it.
    std::optional<WallTime> made_at = {};
    // The operator says that the board is here: whatever else its thing has, goes.
    bool take_over = false;
};

// As long as an attempt with these settings may take.
[[nodiscard]] RivalRules rival_rules(const Settings& settings, bool take_over);

// What a ledger has of a board, by ids.
struct KnownCertificates {
    std::set<std::string> living;
    std::set<std::string> gone;  // one that is on the thing all the same has been put back
};

[[nodiscard]] KnownCertificates known_of(const std::vector<ledger::CertificateRecord>& records);

class Rivals {
  public:
    Rivals(registry::Reader& registry, std::string thing, const RivalRules& rules, Log log)
        : registry_(registry), thing_(std::move(thing)), rules_(rules), log_(std::move(log)) {}

    // Before anything is made: looks at what is on the thing and not `known` to this ledger, and
    // sorts it. Error: board_at_another_station (board): one was activated so shortly ago that its
    // attempt may not have ended.
    [[nodiscard]] Result<void> look(const KnownCertificates& known);

    // After this attempt's own certificate is in force (Reader::await_in_force). The one of two
    // that was made later goes on; it waits for the other to give way, and gives way itself where
    // that does not happen. Each looks after its own is in force: so at least one of them sees the
    // other. Error: board_at_another_station (board).
    [[nodiscard]] Result<void> settle(const std::string& own_id,
                                      const KnownCertificates& known) const;

    // Not known to the ledger, and free to be taken away once this attempt's own is proven.
    [[nodiscard]] const std::vector<registry::Principal>& former() const { return former_; }

  private:
    [[nodiscard]] Result<std::vector<registry::Principal>> strangers(
        const std::set<std::string>& known, const std::string& own_id) const;

    registry::Reader& registry_;
    std::string thing_;
    RivalRules rules_;
    Log log_;
    std::vector<registry::Principal> former_;
};

}  // namespace imprint::prepare
