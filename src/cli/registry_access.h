// The registry of a configuration, ready to be asked, or to be changed.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "config/config.h"
#include "registry/registry.h"
#include "station/recorded_command.h"

namespace imprint::cli {

// Only to be asked. Errors: those of station::find_registry.
[[nodiscard]] Result<std::unique_ptr<registry::Registry>> open_registry(
    Context& context, const config::Config& config);

// To be changed: each effect is in the ledger, under this command's name ("registry push").
[[nodiscard]] Result<station::RecordedCommand> open_recorded(Context& context,
                                                             const config::Config& config,
                                                             std::string command);

}  // namespace imprint::cli
