#include "transport/tcp_port.h"

#include <cerrno>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

#include "transport/fd_stream.h"

namespace imprint::transport {

namespace {

constexpr int connect_patience_ms = 5000;

class TcpPort final : public Port {
  public:
    explicit TcpPort(FdStream stream) : stream_(std::move(stream)) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        return stream_.read(into, patience);
    }

    Result<void> write(ByteView bytes) override { return stream_.write(bytes); }

    Result<void> set_lines(Lines /*lines*/) override {
        return fail(ErrorKind::board, "port_io",
                    fmt::format("{} has no modem lines", stream_.name()));
    }

    // The rate of the far end's wire is not ours to set.
    Result<void> set_baud(std::uint32_t /*baud*/) override { return {}; }

    Result<void> discard_input() override { return stream_.drain(); }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return stream_.name(); }

  private:
    FdStream stream_;
    PortTraits traits_;
};

// 0, or an errno.
int connect_within(int fd, const addrinfo& address, int patience_ms) {
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    pollfd entry{fd, POLLOUT, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, patience_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof(error);
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
}

struct AddressRelease {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::unexpected<Error> unreachable(const std::string& name, std::string_view why) {
    return fail(ErrorKind::board, "port_unreachable",
                fmt::format("nothing answers at {}: {}", name, why),
                "check that the terminal server or emulator runs and listens there");
}

}  // namespace

Result<FdStream> open_tcp_stream(const SocketAddress& address, const std::string& name) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int looked_up =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &list);
    if (looked_up != 0) return unreachable(name, ::gai_strerror(looked_up));
    const std::unique_ptr<addrinfo, AddressRelease> addresses(list);

    int error = EADDRNOTAVAIL;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        Fd fd(::socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       one->ai_protocol));
        if (!fd) {
            error = errno;
            continue;
        }
        error = connect_within(fd.get(), *one, connect_patience_ms);
        if (error != 0) continue;
        const int on = 1;
        static_cast<void>(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
        return FdStream(std::move(fd), name, FdStream::Kind::socket);
    }
    return unreachable(name, std::generic_category().message(error));
}

Result<std::unique_ptr<Port>> open_tcp_port(const SocketAddress& address, const std::string& name) {
    IMPRINT_TRY(FdStream stream, open_tcp_stream(address, name));
    return std::make_unique<TcpPort>(std::move(stream));
}

}  // namespace imprint::transport
