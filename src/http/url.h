// What HTTP makes of URLs: queries and forms (RFC 3986;
// application/x-www-form-urlencoded of the WHATWG URL standard).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/url.h"
#include "http/fields.h"

namespace imprint::http {

// Everything except unreserved characters as %XX in upper case; '/' too unless keep_slash.
[[nodiscard]] std::string percent_encode(std::string_view text, bool keep_slash = false);
// "a%3Ab" → "a:b". Nothing if a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// The Host header of a client: the authority without the scheme's default port.
[[nodiscard]] std::string host_header(const Url& url);

// "a=1&b&c=x%20y" → {("a","1"), ("b",""), ("c","x y")}. A '+' is kept, as AWS signs it. What cannot
// be decoded is kept as it is.
[[nodiscard]] Fields parse_query(std::string_view query);
// The same for a form's body, in which a '+' is a space.
[[nodiscard]] Fields parse_form(std::string_view body);

}  // namespace imprint::http
