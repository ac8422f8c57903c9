// Which certificate a board works with, as far as ledgers and registry can tell.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/mac.h"
#include "ledger/ledger.h"

namespace imprint::fleet {

// Of each board, the certificate that it was proven with last, whichever station did it, among
// those that are in force: one that is not is nobody's successor.
class NewestOfBoards {
  public:
    // in_force: the registry has it, ACTIVE.
    void learn(const ledger::CertificateRecord& record, bool in_force) {
        // One that was found on the thing is former by what it is.
        if (record.state != ledger::CertificateState::proven || record.adopted || !in_force) return;
        Newest& newest = newest_[record.mac];
        const WallTime at = time_of(record);
        if (newest.id.empty() || newest.at <= at) newest = {record.id, at};
    }

    // Its id; null: there is none.
    [[nodiscard]] const std::string* of(const MacAddress& mac) const {
        const auto found = newest_.find(mac);
        return found == newest_.end() ? nullptr : &found->second.id;
    }

    // What has taken the certificate's place since; null: nothing. One that is only switched off,
    // beside an older one, was not replaced.
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
