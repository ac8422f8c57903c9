// The values that shells offer and no table has: ports, what the ledger knows, chips.
#pragma once

#include "base/clock.h"
#include "bays/ports.h"
#include "cli/shell/complete.h"

namespace imprint::cli::shell {

// Nothing is changed, made or waited for by asking: no port is opened, no file is written, not even
// beside the ledger. What cannot be read gives nothing. clock outlives it.
[[nodiscard]] LiveValues live_values(Clock& clock, const bays::PortFinder& find);

}  // namespace imprint::cli::shell
