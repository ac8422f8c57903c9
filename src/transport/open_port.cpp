#include "transport/port.h"
#include "transport/port_url.h"
#include "transport/rfc2217_port.h"
#include "transport/tcp_port.h"
#include "transport/tty_port.h"

namespace imprint::transport {

Result<std::unique_ptr<Port>> open_port(const std::string& url, std::uint32_t baud) {
    IMPRINT_TRY(const PortAddress address, parse_port_url(url));
    if (const auto* device = std::get_if<DevicePath>(&address))
        return open_tty_port(device->path, baud);
    if (const auto* server = std::get_if<Rfc2217Address>(&address))
        return open_rfc2217_port(server->socket, url, baud);
    return open_tcp_port(std::get<SocketAddress>(address), url);
}

}  // namespace imprint::transport
