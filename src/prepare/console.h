// What a board prints after its reset, until the line that proves it.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "transport/port.h"

namespace imprint::prepare {

// Reads lines until one holds `expected`, and returns that line. Colour codes are taken out.
// Error: console_silent or console_unexpected (kind board) once the time is up, the latter with the
// last error that the board printed; interrupted.
[[nodiscard]] Result<std::string> await_console_line(
    transport::Port& port, const std::string& expected, Milliseconds patience, Clock& clock,
    const std::function<void(std::string_view)>& on_line, const std::stop_token& stop);

}  // namespace imprint::prepare
