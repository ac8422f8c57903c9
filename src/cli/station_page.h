// The station with its page, for the commands that run it.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "cli/command.h"
#include "config/config.h"

namespace imprint::cli {

struct StationWords {
    std::string lot;
    bool take_over = false;
    bool opens = false;  // this machine's browser
    // A line to the hands of a simulated bench; empty: boards are real.
    std::function<Result<std::string>(const std::string& line)> hands = {};
};

// Until somebody ends it. The exit code of the process.
[[nodiscard]] Result<int> run_station(Context& context, const config::Config& config,
                                      const StationWords& words);

}  // namespace imprint::cli
