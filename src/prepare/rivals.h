// Other stations working on the same thing. Two stations with separate ledgers cannot see each
// other, only each other's changes in the registry. A certificate that this ledger does not know is
// never removed while its maker may still be working; and of two stations that prepare the same MAC
// at once, one gives way.
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
    // How long an attempt may continue after it has activated its certificate.
    Milliseconds watch{240'000};
    // How long to wait, when both have activated, for the other one to give way.
    Milliseconds yield{20'000};
    // How far the registry's answers may lag behind when a board is about to pass.
    Milliseconds confirm{5000};
    // For a late registration (push): certificates that other stations made after this time are
    // newer, not former ones.
    std::optional<WallTime> made_at = {};
    // The operator confirms that the board is here: all other certificates on its thing are
    // retired.
    bool take_over = false;
};

// The rules if an attempt may take as long as these settings allow.
[[nodiscard]] RivalRules rival_rules(const Settings& settings, bool take_over);

// The ids of the certificates that a ledger has for a board.
struct KnownCertificates {
    std::set<std::string> living;
    std::set<std::string> gone;  // if it is on the thing all the same, it was put back
};

[[nodiscard]] KnownCertificates known_of(const std::vector<ledger::CertificateRecord>& records);

class Rivals {
  public:
    Rivals(registry::Reader& registry, std::string thing, const RivalRules& rules, Log log)
        : registry_(registry), thing_(std::move(thing)), rules_(rules), log_(std::move(log)) {}

    // Before anything is created: looks for certificates on the thing that are not `known` to this
    // ledger, and sorts them. Error: board_at_another_station (board): one was activated so
    // recently that its attempt may still be running.
    [[nodiscard]] Result<void> look(const KnownCertificates& known);

    // After this attempt's own certificate is in force (Reader::await_in_force). Of two
    // certificates, the one that was made later wins: it waits for the other station to give way,
    // and gives way itself if that does not happen. Each station looks only after its own
    // certificate is in force, so at least one of them sees the other. Error:
    // board_at_another_station (board).
    [[nodiscard]] Result<void> settle(const std::string& own_id,
                                      const KnownCertificates& known) const;

    // Unknown to the ledger, and to be retired once this attempt's own certificate is proven.
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
