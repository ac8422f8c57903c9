// Network addresses: URLs (RFC 3986), and hosts with ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imprint {

struct HostAndPort {
    std::string host;  // as written; an IPv6 address without its brackets
    std::optional<std::uint16_t> port;
};

// "host", "host:443", "[::1]:443". Nothing if the host is no name that DNS could have and no
// address, if there is a user name, if the brackets are around anything but an IPv6 address or
// missing around one, or if the port is not 1 to 65535.
[[nodiscard]] std::optional<HostAndPort> parse_host_and_port(std::string_view text);

struct Url {
    std::string scheme;     // lower case
    std::string authority;  // host[:port], as written
    std::string host;       // lower case, without brackets
    std::optional<std::uint16_t> port;
    std::string path;   // as written; "/" where there is none
    std::string query;  // as written, without '?'
};

// Whether the text is meant as a URL at all: "scheme://…".
[[nodiscard]] bool has_scheme(std::string_view text);

// Nothing if there is no scheme, no valid host and port, or a blank or a character beyond ASCII.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// The text with "…" for "user:password@" in it, whether or not that stands in a valid URL: for what
// is said about an address that a person wrote. Rather too much is left out than too little.
[[nodiscard]] std::string without_user_names(std::string_view text);

// For what is shown of a setting, which may be no address: with "…" for the PIN in a PKCS #11 URI
// (RFC 7512, "pin-value"), and without user names where there is a "://".
[[nodiscard]] std::string without_secrets(std::string_view text);

// Only this machine's addresses: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace imprint
