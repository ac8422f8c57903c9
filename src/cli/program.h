// The whole program except `main`.
#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"

namespace imprint::cli {

// Exit codes: docs/exit-codes.md. Any exception that leaves it is a bug.
[[nodiscard]] int run(const std::vector<std::string>& arguments);

// All that it can be told.
[[nodiscard]] CommandRow command_table();

}  // namespace imprint::cli
