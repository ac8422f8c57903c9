// Which attempts or boards are wanted.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/mac.h"
#include "ledger/records.h"

namespace imprint::ledger {

struct Filter {
    std::set<MacAddress> boards;  // empty: all
    std::optional<std::string> lot;
    std::optional<WallTime> since;  // began then, or later
    std::optional<WallTime> until;  // began before that

    [[nodiscard]] bool wants(const AttemptRecord& attempt) const {
        return (boards.empty() || (attempt.mac && boards.contains(*attempt.mac))) &&
               (!lot || attempt.lot == *lot) && (!since || attempt.started >= *since) &&
               (!until || attempt.started < *until);
    }

    // Nothing before this attempt is wanted.
    [[nodiscard]] bool ends_at(const AttemptRecord& attempt) const {
        return since && attempt.started < *since;
    }
};

}  // namespace imprint::ledger
