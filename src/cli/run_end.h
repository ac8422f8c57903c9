// How a command that prepares boards ends.
#pragma once

#include "cli/command.h"
#include "station/run.h"

namespace imprint::cli {

// docs/exit-codes.md
[[nodiscard]] int exit_code_of(const station::RunSummary& summary, const Context& context);

}  // namespace imprint::cli
