// A question to the person at the terminal.
#pragma once

#include <string>

#include "cli/command.h"

namespace imprint::cli {

// Somebody reads the output, and can answer: both ends are a terminal.
[[nodiscard]] bool can_ask(const Context& context);

// Waits for a line; true: it begins with y. An end of the input, or a stop, is a no.
[[nodiscard]] bool ask(const Context& context, const std::string& question);

}  // namespace imprint::cli
