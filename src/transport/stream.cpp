#include "transport/stream.h"

#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace imprint::transport {

namespace {

constexpr int stuck_after_ms = 10'000;

bool means_gone(int error) {
    return error == EIO || error == ENXIO || error == ENODEV || error == ECONNRESET ||
           error == EPIPE || error == EBADF;
}

}  // namespace

std::unexpected<Error> port_gone(const std::string& name) {
    return fail(ErrorKind::board, "port_gone",
                fmt::format("{} is gone: the cable was pulled, or the board lost its power", name),
                "plug it in again and repeat; a broken-off board is continued");
}

std::unexpected<Error> port_failed(const std::string& name, const char* what, int error) {
    if (means_gone(error)) return port_gone(name);
    return fail(ErrorKind::board, "port_io",
                fmt::format("{} {}: {}", what, name, std::generic_category().message(error)));
}

Result<std::size_t> read_some(int fd, const std::string& name, std::span<std::uint8_t> into,
                              Milliseconds patience) {
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return std::size_t{0};
    if (ready < 0) return port_failed(name, "waiting for", errno);
    const ssize_t got = ::read(fd, into.data(), into.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return port_gone(name);
    if (errno == EAGAIN || errno == EINTR) {
        // Nothing to read although poll woke up: a hang-up with nothing left in it.
        if ((waiting.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return port_gone(name);
        return std::size_t{0};
    }
    return port_failed(name, "reading from", errno);
}

Result<void> write_all(int fd, const std::string& name, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(put));
            continue;
        }
        if (put < 0 && errno != EAGAIN && errno != EINTR)
            return port_failed(name, "writing to", errno);
        pollfd waiting{fd, POLLOUT, 0};
        const int ready = ::poll(&waiting, 1, stuck_after_ms);
        if (ready == 0)
            return fail(ErrorKind::board, "port_stuck",
                        fmt::format("{} has taken nothing for {} s", name, stuck_after_ms / 1000),
                        "plug the bridge in again");
        if (ready < 0 && errno != EINTR) return port_failed(name, "waiting for", errno);
        if ((waiting.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return port_gone(name);
    }
    return {};
}

}  // namespace imprint::transport
