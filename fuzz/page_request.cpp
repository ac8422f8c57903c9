// What a client sends to the station's page, and the file of its users. The first byte says which:
// a request's cookies, its Host and Origin, its path; or the users.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/url.h"
#include "logins/access.h"
#include "logins/cookie.h"
#include "logins/request_guard.h"
#include "logins/users.h"
#include "target.h"

using namespace imprint;

namespace {

void check_cookies(const std::string& text) {
    const http::Request request{
        .method = "GET", .target = "/", .headers = {{"cookie", text}}, .body = ""};
    for (const bool tls : {false, true}) {
        const auto secrets = logins::session_secrets(request, tls);
        fuzz::require(secrets.size() <= 4);
        for (const std::string& secret : secrets)
            fuzz::require(secret.size() == 64 && text.contains(secret));
    }
}

bool is_the_pages(std::string_view authority) {
    const auto place = parse_host_and_port(trimmed(authority));
    if (!place || place->port != 7625) return false;
    const std::string host = logins::canonical_host(place->host);
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// Whatever host and origin are, a change comes from the page itself or from no page.
void check_guard(const std::string& text) {
    constexpr std::string_view scheme = "http://";
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string host = text.substr(0, line);
    const std::string origin = text.substr(std::min(line + 1, text.size()));
    http::Request request{.method = "POST",
                          .target = "/api/scan",
                          .headers = {{"host", host}, {"content-type", "application/json"}},
                          .body = "{}"};
    const bool taken = !logins::refuse_foreign(request, {});
    fuzz::require(taken == is_the_pages(host));
    request.headers.emplace_back("origin", origin);
    if (logins::refuse_foreign(request, {})) return;
    const std::string_view asking = trimmed(origin);
    fuzz::require(taken && asking.starts_with(scheme) &&
                  is_the_pages(asking.substr(scheme.size())));
}

void check_path(const std::string& text) {
    if (text.starts_with("/api/") || text.starts_with("/metrics/") || !text.starts_with('/'))
        fuzz::require(logins::is_api_path(text));
}

void check_users(const std::string& text) {
    const auto users = logins::parse_users(text);
    if (!users) return;
    const auto again = logins::parse_users(logins::users_text(*users));
    fuzz::require(again && *again == *users);
}

}  // namespace

void fuzz::run(ByteView input) {
    if (input.empty()) return;
    const std::string text(as_text(input.subspan(1)));
    switch (input[0] % 5) {
        case 0:
            check_cookies(text);
            break;
        case 1:
            check_guard(text);
            break;
        case 2:
            check_path(text);
            break;
        case 3:
            check_users(text);
            break;
        default:
            static_cast<void>(logins::parse_listen(text));
            break;
    }
}
