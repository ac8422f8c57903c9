// The tables that a reader looks things up in, as JSON for what is made from them: the
// documentation's pages among others.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace imprint::cli {

// One object: "program", "version"; "commands", parents first, with their options, examples and
// exit codes; "exit_codes"; "errors"; "keys" of the configuration. It ends with a line break.
[[nodiscard]] std::string reference_json(const CommandRow& program);

}  // namespace imprint::cli
