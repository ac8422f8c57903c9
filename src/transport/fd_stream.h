// Reads and writes a non-blocking file descriptor, with timeouts.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace imprint::transport {

class FdStream {
  public:
    enum class Kind : std::uint8_t { terminal, socket };

    FdStream(Fd fd, std::string name, Kind kind)
        : fd_(std::move(fd)), name_(std::move(name)), kind_(kind) {}

    // As Port's: port_gone, port_io, port_stuck.
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience);
    [[nodiscard]] Result<void> write(ByteView bytes);
    // Discards what has already arrived.
    [[nodiscard]] Result<void> drain();

    [[nodiscard]] int fd() const { return fd_.get(); }

    [[nodiscard]] const std::string& name() const { return name_; }

    // The error for a failed system call on the port: port_gone if the port no longer exists.
    [[nodiscard]] Error failed(std::string_view doing, int error) const;

  private:
    [[nodiscard]] Error gone() const;

    Fd fd_;
    std::string name_;
    Kind kind_;
};

}  // namespace imprint::transport
