// A board's console, for a person or a script.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "console/line_reader.h"
#include "transport/port.h"

namespace imprint::board_tool {

struct MonitorOptions {
    std::uint32_t baud = 115200;
    bool reset = false;         // resets the board first, through DTR/RTS
    bool timestamps = false;    // puts the time before each line
    std::filesystem::path log;  // lines are also appended to this file; empty: none
    std::string until;          // a line that contains this ends it with success; empty: none
    std::string fail_on;        // a line that contains this ends it with an error
    std::optional<std::chrono::milliseconds> timeout;
};

// Called for each line, with the time before it if requested.
using LineSink = std::function<void(const console::Line&)>;

// Returns when a line contains `until`; without `until`, when a stop is requested or the time is
// up. Errors (board): console_timeout (`until` was given), console_failed (with the line), those of
// the port; interrupted; config: file_unwritable.
[[nodiscard]] Result<void> monitor(transport::Port& port, const MonitorOptions& options,
                                   Clock& clock, const LineSink& on_line,
                                   const std::stop_token& stop);

}  // namespace imprint::board_tool
