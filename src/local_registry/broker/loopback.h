// TCP on 127.0.0.1, as far as the broker's start needs it.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace imprint::local_registry {

// A port that nobody listens on at the moment. Error: registry_port_busy (kind registry).
[[nodiscard]] Result<std::uint16_t> free_port();
// Error: registry_port_busy when somebody listens there.
[[nodiscard]] Result<void> require_free(std::uint16_t port);

}  // namespace imprint::local_registry
