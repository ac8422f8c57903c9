#include "transport/port_url.h"

#include <algorithm>
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

// pyserial serial/rfc2217.py, from_url.
Result<void> take_option(std::string_view option, Rfc2217Address& address, const std::string& url) {
    const std::string_view name = option.substr(0, option.find('='));
    if (name == "ign_set_control") {
        address.unconfirmed_lines = true;
        return {};
    }
    if (name == "poll_modem" || name == "logging" || name == "timeout") return {};
    return bad_url(url, fmt::format("it has no option \"{}\"", option));
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
    if (url->path != "/" || (!url->query.empty() && url->scheme == "socket"))
        return bad_url(text, "nothing follows the port");
    SocketAddress socket{std::move(url->host), *url->port};
    if (url->scheme == "socket") return socket;
    Rfc2217Address address{std::move(socket)};
    for (std::string_view left = url->query; !left.empty();) {
        const std::string_view option = left.substr(0, left.find('&'));
        IMPRINT_CHECK(take_option(option, address, text));
        left.remove_prefix(std::min(left.size(), option.size() + 1));
    }
    return address;
}

}  // namespace imprint::transport
