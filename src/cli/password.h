// A new password, from the person at the terminal or from a program.
#pragma once

#include "base/secret.h"
#include "cli/command.h"

namespace imprint::cli {

// At a terminal: asked for twice, and not shown. Else one line from standard input. Errors (usage):
// user_invalid (the two differ, or there is not one line), interrupted.
[[nodiscard]] Result<Secret> read_new_password(const Context& context, const std::string& user);

}  // namespace imprint::cli
