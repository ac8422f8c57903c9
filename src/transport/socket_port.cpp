#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

#include "base/fd.h"
#include "transport/backends.h"
#include "transport/stream.h"

namespace imprint::transport {

namespace {

// A serial line behind plain TCP (ser2net's "raw", an emulator's UART): no lines, no baud rate.
class SocketPort final : public Port {
  public:
    SocketPort(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        return read_some(fd_.get(), name_, into, patience);
    }

    Result<void> write(ByteView bytes) override { return write_all(fd_.get(), name_, bytes); }

    Result<void> set_lines(Lines) override { return {}; }

    Result<void> set_baud(std::uint32_t) override { return {}; }

    Result<void> discard_input() override {
        std::array<std::uint8_t, 1024> drain{};
        for (;;) {
            IMPRINT_TRY(const std::size_t got, read(drain, Milliseconds(0)));
            if (got == 0) return {};
        }
    }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    Fd fd_;
    std::string name_;
    PortTraits traits_;
};

std::unexpected<Error> unreachable(const std::string& url, const std::string& why) {
    return fail(ErrorKind::board, "port_unreachable",
                fmt::format("{} cannot be reached: {}", url, why),
                "check that the serial server runs and listens there");
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Result<Fd> connect_to(const std::string& url, const addrinfo& address) {
    constexpr int patience_ms = 5000;
    Fd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return unreachable(url, std::generic_category().message(errno));
    if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) return unreachable(url, std::generic_category().message(errno));
        pollfd waiting{fd.get(), POLLOUT, 0};
        if (::poll(&waiting, 1, patience_ms) <= 0)
            return unreachable(url, fmt::format("no answer in {} s", patience_ms / 1000));
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return unreachable(url, std::generic_category().message(error));
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

}  // namespace

Result<std::unique_ptr<Port>> open_socket(const std::string& url, const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == address.size())
        return fail(ErrorKind::usage, "port_url",
                    fmt::format("\"{}\" does not say which host and port", url),
                    "write it as socket://host:port");
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    const int status = ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &raw);
    if (status != 0) return unreachable(url, ::gai_strerror(status));
    const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
    Result<Fd> fd = unreachable(url, "it has no address");
    for (const addrinfo* each = list.get(); each != nullptr; each = each->ai_next) {
        fd = connect_to(url, *each);
        if (fd) break;
    }
    if (!fd) return std::unexpected(std::move(fd).error());
    return std::make_unique<SocketPort>(std::move(*fd), url);
}

}  // namespace imprint::transport
