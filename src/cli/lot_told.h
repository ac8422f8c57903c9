// A lot as it is told to a person.
#pragma once

#include <string>

#include "ledger/lots.h"
#include "report/told.h"

namespace imprint::cli {

using report::lot_board_event;
using report::lot_event;
using report::tell_of_lot;
using report::ToldLot;

[[nodiscard]] std::string lot_text(const ToldLot& told);
[[nodiscard]] std::string done_of_target(const ToldLot& told);               // "12/250"
[[nodiscard]] std::string first_pass_text(const ledger::LotCounts& counts);  // "97.8 %"

}  // namespace imprint::cli
