#include "transport/port_url.h"

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/url.h"

namespace imprint::transport {

namespace {

std::unexpected<Error> bad_url(const std::string& url, std::string_view why) {
    return fail(ErrorKind::usage, "port_url",
                fmt::format("\"{}\" names no port: {}", without_user_names(url), why),
                "give a device such as /dev/ttyUSB0, socket://host:port or rfc2217://host:port");
}

}  // namespace

Result<PortAddress> parse_port_url(const std::string& text) {
    if (text.empty()) return bad_url(text, "it is empty");
    if (!has_scheme(text)) return DevicePath{text};
    auto url = parse_url(text);
    if (!url) return bad_url(text, "behind the scheme there is to be host:port, [address]:port");
    if (url->scheme != "socket" && url->scheme != "rfc2217")
        return bad_url(text, fmt::format("{}:// is not known here", url->scheme));
    if (!url->port) return bad_url(text, "there is no \":port\" at its end");
    if (url->path != "/" || !url->query.empty()) return bad_url(text, "nothing follows the port");
    SocketAddress socket{std::move(url->host), *url->port};
    if (url->scheme == "rfc2217") return Rfc2217Address{std::move(socket)};
    return socket;
}

}  // namespace imprint::transport
