#include "transport/port_url.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace imprint::transport {

namespace {

std::unexpected<Error> bad_url(const std::string& url, std::string_view why) {
    return fail(ErrorKind::usage, "port_url", fmt::format("\"{}\" names no port: {}", url, why),
                "give a device such as /dev/ttyUSB0, socket://host:port or rfc2217://host:port");
}

std::optional<std::uint16_t> parse_port_number(std::string_view text) {
    std::uint16_t number = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stopped != text.data() + text.size() || number == 0)
        return std::nullopt;
    return number;
}

}  // namespace

Result<PortAddress> parse_port_url(const std::string& url) {
    if (url.empty()) return bad_url(url, "it is empty");
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return DevicePath{url};
    const std::string scheme = url.substr(0, scheme_end);
    if (scheme != "socket" && scheme != "rfc2217")
        return bad_url(url, fmt::format("{}:// is not known here", scheme));

    const std::string rest = url.substr(scheme_end + 3);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string::npos) return bad_url(url, "there is no \":port\" at its end");
    std::string host = rest.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string::npos)
        return bad_url(url, "an IPv6 address stands in brackets");
    if (host.empty()) return bad_url(url, "there is no host");
    const auto port = parse_port_number(std::string_view(rest).substr(colon + 1));
    if (!port) return bad_url(url, "its port is not a number from 1 to 65535");
    SocketAddress socket{std::move(host), *port};
    if (scheme == "rfc2217") return Rfc2217Address{std::move(socket)};
    return socket;
}

}  // namespace imprint::transport
