// A serial port behind a terminal server that speaks RFC 2217: with its baud rate and modem lines.
#pragma once

#include <memory>
#include <string>

#include "transport/port.h"
#include "transport/port_url.h"

namespace imprint::transport {

// Errors: port_unreachable (kind board), also for a peer that does not speak RFC 2217.
[[nodiscard]] Result<std::unique_ptr<Port>> open_rfc2217_port(const SocketAddress& address,
                                                              const std::string& name,
                                                              std::uint32_t baud);

}  // namespace imprint::transport
