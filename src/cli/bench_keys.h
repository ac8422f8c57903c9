// What somebody types at a bench where boards come and go, a line each; a scanner types too. What
// it means: station/scan.h.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

namespace imprint::cli {

// Reads lines until the input ends, or a stop.
void read_lines(int fd, const std::function<void(std::string_view)>& on_line,
                const std::stop_token& stop);

}  // namespace imprint::cli
