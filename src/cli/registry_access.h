// Opens the configured registry, for queries or for changes.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "config/config.h"
#include "registry/registry.h"
#include "station/recorded_command.h"

namespace imprint::cli {

// For queries only. Errors: those of station::find_registry.
[[nodiscard]] Result<std::unique_ptr<registry::Registry>> open_registry(
    Context& context, const config::Config& config);

// For changes: each effect is recorded in the ledger, under this command's name ("registry push").
[[nodiscard]] Result<station::RecordedCommand> open_recorded(Context& context,
                                                             const config::Config& config,
                                                             std::string command);

}  // namespace imprint::cli
