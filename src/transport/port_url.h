// Parses a port's name, before anything is opened.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/error.h"

namespace imprint::transport {

struct DevicePath {
    std::string path;  // "/dev/ttyUSB0"
    bool operator==(const DevicePath&) const = default;
};

struct SocketAddress {
    std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
    std::uint16_t port = 0;
    bool operator==(const SocketAddress&) const = default;
};

// A terminal server that speaks RFC 2217.
struct Rfc2217Address {
    SocketAddress socket;
    // "?ign_set_control": the server does not confirm its modem lines.
    bool unconfirmed_lines = false;
    bool operator==(const Rfc2217Address&) const = default;
};

using PortAddress = std::variant<DevicePath, SocketAddress, Rfc2217Address>;

// "/dev/ttyUSB0", "socket://host:5555", "socket://[::1]:5555", "rfc2217://host:4000".
// Options behind '?' as pyserial has them: "ign_set_control"; "poll_modem", "logging=…" and
// "timeout=…" change nothing here. Error: port_url (kind usage).
[[nodiscard]] Result<PortAddress> parse_port_url(const std::string& url);

}  // namespace imprint::transport
