// A lot as it is told: to a person, and as an event.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "events/lot_events.h"
#include "ledger/ledger.h"

namespace imprint::cli {

// A lot that nobody has opened has only counts.
struct ToldLot {
    ledger::LotRecord lot;
    bool is_open_one = true;
    ledger::LotCounts counts;
};

// By its name or code. Error: lot_unknown (usage): neither a lot nor an attempt has it.
[[nodiscard]] Result<ToldLot> tell_of_lot(ledger::LotReports& ledger,
                                          const std::string& name_or_code);

[[nodiscard]] events::Lot event_of(const ToldLot& told);
[[nodiscard]] std::string lot_text(const ToldLot& told);
[[nodiscard]] std::string done_of_target(const ToldLot& told);               // "12/250"
[[nodiscard]] std::string first_pass_text(const ledger::LotCounts& counts);  // "97.8 %"

}  // namespace imprint::cli
