// A board behind a TCP connection: an emulator, or a terminal server in raw mode.
#pragma once

#include <memory>
#include <string>

#include "transport/fd_stream.h"
#include "transport/port.h"
#include "transport/port_url.h"

namespace imprint::transport {

// Connects to it, without delay for small frames. Errors: port_unreachable (kind board).
[[nodiscard]] Result<FdStream> open_tcp_stream(const SocketAddress& address,
                                               const std::string& name);

// Errors: port_unreachable (kind board).
[[nodiscard]] Result<std::unique_ptr<Port>> open_tcp_port(const SocketAddress& address,
                                                          const std::string& name);

}  // namespace imprint::transport
