// A board's whole life as one page of HTML that needs nothing else.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "ledger/ledger.h"

namespace imprint::report {

// Nothing: the ledger does not know the board. Errors: the ledger's.
[[nodiscard]] Result<std::optional<std::string>> board_page(ledger::Reports& ledger,
                                                            const MacAddress& mac, WallTime made);

}  // namespace imprint::report
