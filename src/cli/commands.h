// One function for each file of commands: defines them below `root`.
#pragma once

#include "cli/command.h"

namespace imprint::cli {

void add_init(CLI::App& root, Invocation& invocation);

// All of them, in the order of the help. Subcommands hold no state of their own: what was parsed
// goes to `invocation`, which outlives the app.
void add_all_commands(CLI::App& root, Invocation& invocation);

}  // namespace imprint::cli
