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

    // What the host has done, in its order.
    struct Burst {
        Settings settings;   // have come into force, then
        bool purge = false;  // it throws away what was not fetched yet, then
        Bytes bytes;         // it sent these
    };

    HostPort() = default;
    HostPort(const HostPort&) = delete;
    HostPort& operator=(const HostPort&) = delete;
    HostPort(HostPort&&) = delete;
    HostPort& operator=(HostPort&&) = delete;
    virtual ~HostPort() = default;

    // What transport::open_port takes: "/dev/pts/7", "rfc2217://127.0.0.1:4000".
    [[nodiscard]] virtual const std::string& name() const = 0;

    // To be polled for input while a host is present, and for output while something is unsent.
    [[nodiscard]] virtual int fd() const = 0;

    // Looks whether a host has the port open. While none has, what the board says is lost, as it is
    // with a closed serial port. False once between two hosts.
    [[nodiscard]] virtual bool host_present() = 0;
    [[nodiscard]] virtual Settings settings() const = 0;

    // What has come, without waiting. The last burst has the settings of this moment.
    [[nodiscard]] virtual std::vector<Burst> receive() = 0;
    // How many bytes were taken, without waiting.
    [[nodiscard]] virtual std::size_t write(ByteView bytes) = 0;

    // What the port itself owes the host; without waiting.
    virtual void flush() {}

    [[nodiscard]] virtual bool unsent() const { return false; }

    // Called when a host is not in the midst of setting something.
    virtual void watch_settings() {}

    // What the host did not fetch before it closed.
    virtual void discard_unread() = 0;
};

}  // namespace imprint::simulator
