// The registry of a configuration, ready to be asked.
#pragma once

#include "aws/iot_client.h"
#include "base/error.h"
#include "cli/commands.h"
#include "station/config.h"

namespace imprint::cli {

// Errors: those of prepare::find_registry.
[[nodiscard]] Result<aws::IotClient> open_registry(Context& context, const station::Config& config);

}  // namespace imprint::cli
