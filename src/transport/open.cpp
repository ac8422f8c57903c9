#include <fmt/format.h>

#include "transport/backends.h"

namespace imprint::transport {

Result<std::unique_ptr<Port>> open_port(const std::string& url, std::uint32_t baud) {
    constexpr std::string_view socket_scheme = "socket://";
    if (url.starts_with(socket_scheme)) return open_socket(url, url.substr(socket_scheme.size()));
    if (url.find("://") != std::string::npos)
        return fail(ErrorKind::usage, "port_url",
                    fmt::format("\"{}\" is no way to a board that Imprint knows", url),
                    "use a device such as /dev/ttyUSB0, or socket://host:port");
    return open_serial(url, baud);
}

}  // namespace imprint::transport
