// URLs, as far as signing and addressing need them (RFC 3986).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint::aws {

// Everything but unreserved characters as %XX in upper case; '/' too unless it is kept.
[[nodiscard]] std::string percent_encode(std::string_view text, bool keep_slash = false);
// Nothing where a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

struct Url {
    std::string scheme;     // lower case
    std::string authority;  // host[:port], as written
    std::string host;       // lower case, without brackets
    std::string path;       // as written; "/" where there is none
    std::string query;      // as written, without '?'
};

[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// What a client sends as the Host header: the authority without a port that the scheme means
// anyway.
[[nodiscard]] std::string host_header(const Url& url);

// "a=1&b" → {("a","1"), ("b","")}, decoded; a '+' stays a plus.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// Only this machine: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

// This machine, or what no router passes on: 169.254.0.0/16, and AWS's own fd00:ec2::/32.
[[nodiscard]] bool is_machine_local(std::string_view host);

}  // namespace imprint::aws
