// Which certificate a board works with, as far as ledgers and registry can tell.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/mac.h"
#include "ledger/ledger.h"

namespace imprint::fleet {

// For each board, the certificate that it was last proven with, at whichever station, among those
// that are in force: one that is not in force replaces nothing.
class NewestOfBoards {
  public:
    // in_force: the registry has it, ACTIVE.
    void learn(const ledger::CertificateRecord& record, bool in_force) {
        // A certificate that was found on the thing is a former one by definition.
        if (record.state != ledger::CertificateState::proven || record.adopted || !in_force) return;
        Newest& newest = newest_[record.mac];
        const WallTime at = time_of(record);
        if (newest.id.empty() || newest.at <= at) newest = {record.id, at};
    }

    // The certificate's id; null: there is none.
    [[nodiscard]] const std::string* of(const MacAddress& mac) const {
        const auto found = newest_.find(mac);
        return found == newest_.end() ? nullptr : &found->second.id;
    }

    // The certificate that has replaced this one; null: none. One that was only switched off while
    // an older one is in use was not replaced.
    [[nodiscard]] const std::string* successor_of(const MacAddress& mac, const std::string& id,
                                                  WallTime at) const {
        const auto found = newest_.find(mac);
        if (found == newest_.end() || found->second.id == id || found->second.at < at)
            return nullptr;
        return &found->second.id;
    }

    [[nodiscard]] static WallTime time_of(const ledger::CertificateRecord& record) {
        return record.proven_at.value_or(record.requested_at);
    }

  private:
    struct Newest {
        std::string id;
        WallTime at;
    };

    std::map<MacAddress, Newest> newest_;
};

}  // namespace imprint::fleet
