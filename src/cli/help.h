// The output of `--help`, made from the table of commands.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace imprint::cli {

[[nodiscard]] std::string help_text(const CommandRow& command);

}  // namespace imprint::cli
