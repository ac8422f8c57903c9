// Whether a line carries a rate: with data, in both directions.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "loader/connection.h"

namespace imprint::loader {

// Talks to a stub, at the rate that is set. readable: how much of its flash can be read. Nothing is
// written to flash. Errors: loader_refused or board_lost if something was damaged or lost; and the
// connection's.
[[nodiscard]] Result<void> try_rate(Connection& link, std::uint32_t readable);

}  // namespace imprint::loader
