// TCP on 127.0.0.1, as needed to start the broker.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace imprint::local_registry {

// A port that is free at the moment. Error: registry_port_busy (kind registry).
[[nodiscard]] Result<std::uint16_t> free_port();
// Error: registry_port_busy if the port is in use.
[[nodiscard]] Result<void> require_free(std::uint16_t port);

}  // namespace imprint::local_registry
