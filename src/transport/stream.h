// Reading and writing a file descriptor with patience: what serial ports and sockets share.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"

namespace imprint::transport {

// The cable was pulled, or the peer closed.
[[nodiscard]] std::unexpected<Error> port_gone(const std::string& name);
[[nodiscard]] std::unexpected<Error> port_failed(const std::string& name, const char* what,
                                                 int error);

// As Port::read and Port::write; the descriptor is non-blocking.
[[nodiscard]] Result<std::size_t> read_some(int fd, const std::string& name,
                                            std::span<std::uint8_t> into, Milliseconds patience);
[[nodiscard]] Result<void> write_all(int fd, const std::string& name, ByteView bytes);

}  // namespace imprint::transport
