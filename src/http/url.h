// What HTTP makes of URLs: queries and forms (RFC 3986;
// application/x-www-form-urlencoded of the WHATWG URL standard).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/url.h"
#include "http/fields.h"

namespace imprint::http {

// Everything but unreserved characters as %XX in upper case; '/' too unless it is kept.
[[nodiscard]] std::string percent_encode(std::string_view text, bool keep_slash = false);
// "a%3Ab" → "a:b". Nothing where a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// What a client sends as the Host header: the authority without a port that the scheme means
// anyway.
[[nodiscard]] std::string host_header(const Url& url);

// "a=1&b&c=x%20y" → {("a","1"), ("b",""), ("c","x y")}. A '+' stays one, as AWS signs it. What
// cannot be decoded stays as it is.
[[nodiscard]] Fields parse_query(std::string_view query);
// The same of a form's body, in which a '+' is a space.
[[nodiscard]] Fields parse_form(std::string_view body);

}  // namespace imprint::http
