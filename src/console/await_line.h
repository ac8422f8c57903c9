// Reads what a board prints after its reset, until the line that proves the firmware runs.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "transport/port.h"

namespace imprint::console {

// board_in_loader (board): the board is in its loader after the reset, instead of running its
// program.
[[nodiscard]] Error in_loader();

// Reads lines until one contains `expected`, and returns that line as Line::text. An unfinished
// line counts once the time is up.
// Errors (kind board): console_silent or console_unexpected once the time is up, the latter with
// the last error that the board printed; board_in_loader, as soon as the board prints that it is
// there; interrupted.
[[nodiscard]] Result<std::string> await_line(transport::Port& port, const std::string& expected,
                                             Milliseconds patience, Clock& clock,
                                             const std::function<void(std::string_view)>& on_line,
                                             const std::stop_token& stop);

}  // namespace imprint::console
