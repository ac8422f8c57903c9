// The port that a host opens to reach a simulated board, as the board's side sees it: a
// pseudo-terminal, or a network port with RFC 2217.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "transport/port.h"

namespace imprint::simulator {

class HostPort {
  public:
    struct Settings {
        transport::Lines lines;
        std::uint32_t baud = 0;
        bool operator==(const Settings&) const = default;
    };

    // The host's actions, in order.
    struct Burst {
        Settings settings;   // have taken effect, then
        bool purge = false;  // it discards its unread input, then
        Bytes bytes;         // it sends these
    };

    HostPort() = default;
    HostPort(const HostPort&) = delete;
    HostPort& operator=(const HostPort&) = delete;
    HostPort(HostPort&&) = delete;
    HostPort& operator=(HostPort&&) = delete;
    virtual ~HostPort() = default;

    // A name for transport::open_port: "/dev/pts/7", "rfc2217://127.0.0.1:4000".
    [[nodiscard]] virtual const std::string& name() const = 0;

    // To be polled for input while a host is present, and for output while something is unsent.
    [[nodiscard]] virtual int fd() const = 0;

    // Whether a host has the port open. While none has, the board's output is lost, as with a
    // closed serial port. False once between two hosts.
    [[nodiscard]] virtual bool host_present() = 0;
    [[nodiscard]] virtual Settings settings() const = 0;

    // Received data, without waiting. The last burst has the current settings.
    [[nodiscard]] virtual std::vector<Burst> receive() = 0;
    // Returns how many bytes were accepted, without waiting.
    [[nodiscard]] virtual std::size_t write(ByteView bytes) = 0;

    // Sends the port's own pending answers to the host; without waiting.
    virtual void flush() {}

    [[nodiscard]] virtual bool unsent() const { return false; }

    // Called when a host is not in the middle of changing settings.
    virtual void watch_settings() {}

    // Discards what the host did not read before it closed.
    virtual void discard_unread() = 0;
};

}  // namespace imprint::simulator
