// A lot as one page of HTML that needs nothing else: no script, no font, no picture from elsewhere.
// Its boards are read twice, a few hundred at a time.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include "report/html.h"
#include "report/lot_figures.h"

namespace imprint::report {

struct LotPage {
    std::string name;
    std::optional<ledger::LotRecord> lot = {};  // empty: nobody has opened it
    WallTime made;
};

// Errors: the ledger's, and the sink's.
[[nodiscard]] Result<LotFigures> read_figures(ledger::LotReports& ledger, const std::string& lot);
[[nodiscard]] Result<void> write_lot_page(const LotPage& page, const LotFigures& figures,
                                          ledger::LotReports& ledger, const Sink& sink);

}  // namespace imprint::report
