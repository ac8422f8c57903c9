// A station that is started again goes on where it was.
#pragma once

#include <string>

#include "base/error.h"
#include "ledger/ledger.h"

namespace imprint::station {

// Of the last run that prepared boards at this station, on this host; empty: it had none, or there
// was no run.
[[nodiscard]] Result<std::string> lot_of_last_run(ledger::Reports& ledger,
                                                  const std::string& station,
                                                  const std::string& host);

}  // namespace imprint::station
