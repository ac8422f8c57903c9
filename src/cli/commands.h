// One function for each file of commands: defines them below `root`. What a command's options are
// parsed into is kept by its action.
#pragma once

#include "cli/command.h"

namespace imprint::cli {

void add_init(Command& root);

// All of them, in the order of the help.
void add_all_commands(Command& root);

}  // namespace imprint::cli
