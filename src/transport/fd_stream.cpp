#include "transport/fd_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace imprint::transport {

namespace {

constexpr Milliseconds write_patience{10'000};

// What the kernel says once a USB adapter is unplugged, a terminal hung up or a peer is gone.
bool means_gone(int error) {
    constexpr std::array errors{EIO, ENXIO, ENODEV, EPIPE, ECONNRESET, ETIMEDOUT, ESHUTDOWN};
    return std::ranges::find(errors, error) != errors.end();
}

// 1: ready, 0: time is up, else -errno. A hang-up counts as ready: the call after it tells.
int wait_for(int fd, short events, Milliseconds patience) {
    const Instant deadline = SystemClock().now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(deadline - SystemClock().now()).count();
        pollfd entry{fd, events, 0};
        const int found = ::poll(&entry, 1, static_cast<int>(std::clamp<long>(left, 0, 600'000)));
        if (found > 0) return 1;
        if (found == 0) return 0;
        if (errno != EINTR) return -errno;
    }
}

}  // namespace

Error FdStream::gone() const {
    if (kind_ == Kind::terminal)
        return make_error(ErrorKind::board, "port_gone", fmt::format("{} is gone", name_),
                          "plug the cable in again");
    return make_error(ErrorKind::board, "port_gone",
                      fmt::format("the peer of {} closed the connection", name_));
}

Error FdStream::failed(std::string_view doing, int error) const {
    if (means_gone(error)) return gone();
    return make_error(
        ErrorKind::board, "port_io",
        fmt::format("cannot {} {}: {}", doing, name_, std::generic_category().message(error)));
}

Result<std::size_t> FdStream::read(std::span<std::uint8_t> into, Milliseconds patience) {
    const Instant deadline = SystemClock().now() + patience;
    for (;;) {
        // Before waiting: what is there already must not be lost to a hang-up that came after it.
        const ssize_t got = ::read(fd_.get(), into.data(), into.size());
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) return std::unexpected(gone());
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return std::unexpected(failed("read from", errno));
        const auto left = std::chrono::ceil<Milliseconds>(deadline - SystemClock().now());
        if (left.count() <= 0) return 0;
        const int ready = wait_for(fd_.get(), POLLIN, left);
        if (ready < 0) return std::unexpected(failed("wait for", -ready));
        if (ready == 0) return 0;
    }
}

Result<void> FdStream::write(ByteView bytes) {
    const std::size_t size = bytes.size();
    while (!bytes.empty()) {
        const ssize_t put = kind_ == Kind::socket
                                ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                : ::write(fd_.get(), bytes.data(), bytes.size());
        if (put > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(put));
            continue;
        }
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return std::unexpected(failed("write to", errno));
        const int ready = wait_for(fd_.get(), POLLOUT, write_patience);
        if (ready < 0) return std::unexpected(failed("wait for", -ready));
        if (ready == 0)
            return fail(ErrorKind::board, "port_stuck",
                        fmt::format("{} took only {} of {} bytes and none for {} s", name_,
                                    size - bytes.size(), size, write_patience.count() / 1000),
                        "plug the adapter out and in again; if it has hardware flow control, "
                        "switch that off");
    }
    return {};
}

Result<void> FdStream::drain() {
    std::array<std::uint8_t, 4096> waste{};
    // More than any buffer on the way holds; a peer that never pauses must not keep us here.
    for (int round = 0; round < 64; ++round) {
        IMPRINT_TRY(const std::size_t got, read(waste, Milliseconds(0)));
        if (got == 0) break;
    }
    return {};
}

}  // namespace imprint::transport
