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
    bool reset = false;         // starts the board anew first, through DTR/RTS
    bool timestamps = false;    // the time in front of each line
    std::filesystem::path log;  // lines go there as well, appended; empty: nowhere
    std::string until;          // a line that holds this ends it well; empty: none does
    std::string fail_on;        // a line that holds this ends it badly
    std::optional<std::chrono::milliseconds> timeout;
};

// Of each line, with the time in front where that is wished.
using LineSink = std::function<void(const console::Line&)>;

// Gives when a line holds `until`; without one, when a stop is asked for or the time is up. Errors
// (board): console_timeout (there was an `until`), console_failed (with the line), those of the
// port; interrupted; config: file_unwritable.
[[nodiscard]] Result<void> monitor(transport::Port& port, const MonitorOptions& options,
                                   Clock& clock, const LineSink& on_line,
                                   const std::stop_token& stop);

}  // namespace imprint::board_tool
