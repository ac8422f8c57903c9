// The session's cookie (RFC 6265bis). Under TLS its name begins with __Host-: a browser takes it
// from this host alone, over TLS alone, and for all of its paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace imprint::logins {

[[nodiscard]] std::string_view cookie_name(bool tls);

// The secrets that a request brings in cookies of this name: 64 hex digits each, four at most, for
// another server on this host may have set one of the same name.
[[nodiscard]] std::vector<std::string> session_secrets(const http::Request& request, bool tls);

// The value of Set-Cookie.
[[nodiscard]] std::string set_cookie(std::string_view secret, bool tls);
[[nodiscard]] std::string clear_cookie(bool tls);

}  // namespace imprint::logins
