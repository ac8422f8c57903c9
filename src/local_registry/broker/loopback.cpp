#include "local_registry/broker/loopback.h"

#include <arpa/inet.h>
#include <cerrno>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include "base/fd.h"

namespace imprint::local_registry {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Fd tcp_socket() {
    return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// The port that it got.
Result<std::uint16_t> bind_to(std::uint16_t port) {
    const Fd socket = tcp_socket();
    const int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), generic, size) != 0 || ::listen(socket.get(), 1) != 0 ||
        ::getsockname(socket.get(), generic, &size) != 0)
        return fail(ErrorKind::registry, "registry_port_busy",
                    fmt::format("cannot listen on 127.0.0.1:{}: {}", port,
                                std::generic_category().message(errno)),
                    "stop what listens there, or choose another port");
    return ntohs(address.sin_port);
}

}  // namespace

Result<std::uint16_t> free_port() {
    return bind_to(0);
}

Result<void> require_free(std::uint16_t port) {
    IMPRINT_CHECK(bind_to(port));
    return {};
}

}  // namespace imprint::local_registry
