// A terminal: a serial port, or a pseudo-terminal with a simulated board behind it.
#pragma once

#include <memory>
#include <string>

#include "transport/port.h"

namespace imprint::transport {

// Errors: as open_port's, for a device.
[[nodiscard]] Result<std::unique_ptr<Port>> open_tty_port(const std::string& path,
                                                          std::uint32_t baud);

}  // namespace imprint::transport
