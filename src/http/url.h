// URLs, queries and forms (RFC 3986; application/x-www-form-urlencoded of the WHATWG URL standard).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"

namespace imprint::http {

// Everything but unreserved characters as %XX in upper case; '/' too unless it is kept.
[[nodiscard]] std::string percent_encode(std::string_view text, bool keep_slash = false);
// "a%3Ab" → "a:b". Nothing where a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

struct Url {
    std::string scheme;     // lower case
    std::string authority;  // host[:port], as written
    std::string host;       // lower case, without brackets
    std::string path;       // as written; "/" where there is none
    std::string query;      // as written, without '?'
};

// Nothing where there is no scheme or no host, and where there is a user name.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// What a client sends as the Host header: the authority without a port that the scheme means
// anyway.
[[nodiscard]] std::string host_header(const Url& url);

// "a=1&b&c=x%20y" → {("a","1"), ("b",""), ("c","x y")}. A '+' stays one, as AWS signs it. What
// cannot be decoded stays as it is.
[[nodiscard]] Fields parse_query(std::string_view query);
// The same of a form's body, in which a '+' is a space.
[[nodiscard]] Fields parse_form(std::string_view body);

// Only this machine: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace imprint::http
