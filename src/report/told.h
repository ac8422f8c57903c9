// What the ledger has, as the events tell it: `--json`, `--csv` and the page have the same members.
#pragma once

#include <string>

#include "base/error.h"
#include "events/lot_events.h"
#include "events/words.h"
#include "ledger/ledger.h"

namespace imprint::report {

[[nodiscard]] events::BoardStanding told(ledger::BoardState state);
[[nodiscard]] events::BoardVerdict told(ledger::Verdict verdict);
[[nodiscard]] events::LotState told(ledger::LotState state);
[[nodiscard]] events::CertificateState told(ledger::CertificateState state);

// A lot that nobody has opened has only counts.
struct ToldLot {
    ledger::LotRecord lot;
    bool is_open_one = true;
    ledger::LotCounts counts;
};

// By its name or code. Error: lot_unknown (usage): neither a lot nor an attempt has it.
[[nodiscard]] Result<ToldLot> tell_of_lot(ledger::LotReports& ledger,
                                          const std::string& name_or_code);

// One that was opened. Error: lot_unknown (usage).
[[nodiscard]] Result<ledger::LotRecord> opened_lot(ledger::LotReports& ledger,
                                                   const std::string& name_or_code);

[[nodiscard]] events::Lot lot_event(const ToldLot& told);
[[nodiscard]] events::LotBoard lot_board_event(const std::string& lot,
                                               const ledger::LotBoard& board);

}  // namespace imprint::report
