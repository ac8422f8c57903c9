#include <fmt/format.h>

#include "transport/port.h"
#include "transport/port_url.h"
#include "transport/rfc2217_port.h"
#include "transport/tcp_port.h"
#include "transport/tty_port.h"

namespace imprint::transport {

namespace {

constexpr Milliseconds patience_for_return{5000};

}  // namespace

Result<void> Port::await_return(Milliseconds patience) {
    return fail(ErrorKind::board, "port_gone",
                fmt::format("{} is gone, and did not come back within {:.1f} s", name(),
                            static_cast<double>(patience.count()) / 1000),
                "was its cable pulled?");
}

Result<std::size_t> read_across_resets(Port& port, std::span<std::uint8_t> into,
                                       Milliseconds patience) {
    auto got = port.read(into, patience);
    if (got || !got.error().is("port_gone") || port.traits().espressif_product == 0) return got;
    IMPRINT_CHECK(port.await_return(patience_for_return));
    return 0;
}

Result<std::unique_ptr<Port>> open_port(const std::string& url, std::uint32_t baud) {
    IMPRINT_TRY(const PortAddress address, parse_port_url(url));
    if (const auto* device = std::get_if<DevicePath>(&address))
        return open_tty_port(device->path, baud);
    if (const auto* server = std::get_if<Rfc2217Address>(&address))
        return open_rfc2217_port(*server, url, baud);
    return open_tcp_port(std::get<SocketAddress>(address), url);
}

}  // namespace imprint::transport
