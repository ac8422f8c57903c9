// What udev tells of a terminal that may have a board. For this layer's own sources.
#pragma once

#include <optional>

#include "transport/discovery.h"
#include "transport/udev.h"

namespace imprint::transport {

// None: no board is behind it. udev_mutex() is held by the caller.
[[nodiscard]] std::optional<FoundPort> port_of(udev_device* terminal);

}  // namespace imprint::transport
