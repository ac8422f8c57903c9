#include "logins/cookie.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"

namespace imprint::logins {

namespace {

constexpr std::size_t secret_digits = 64;
constexpr std::size_t most_secrets = 4;

bool is_secret(std::string_view text) {
    return text.size() == secret_digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string cookie(std::string_view value, bool tls) {
    return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(tls), value,
                       tls ? "; Secure" : "");
}

}  // namespace

std::string_view cookie_name(bool tls) {
    return tls ? "__Host-imprint" : "imprint";
}

std::vector<std::string> session_secrets(const http::Request& request, bool tls) {
    std::vector<std::string> found;
    for (const auto& [header, line] : request.headers) {
        if (header != "cookie") continue;
        std::string_view left = line;
        while (!left.empty() && found.size() < most_secrets) {
            const std::string_view pair = trimmed(left.substr(0, left.find(';')));
            left.remove_prefix(std::min(left.size(), std::min(left.find(';'), left.size()) + 1));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos) continue;
            const std::string_view value = pair.substr(equals + 1);
            if (pair.substr(0, equals) == cookie_name(tls) && is_secret(value))
                found.emplace_back(value);
        }
    }
    return found;
}

std::string set_cookie(std::string_view secret, bool tls) {
    return cookie(secret, tls);
}

std::string clear_cookie(bool tls) {
    return cookie("", tls) + "; Max-Age=0";
}

}  // namespace imprint::logins
