#include "simulator/pty.h"

#include <array>
#include <asm/termbits.h>  // termios2: any baud rate; it does not go together with termios.h
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <utility>

namespace imprint::simulator {

namespace {

std::unexpected<Error> failed(std::string_view what) {
    return fail(ErrorKind::board, "pty_failed",
                fmt::format("cannot {} a pseudo-terminal: {}", what, std::strerror(errno)));
}

termios2 raw_settings(const std::optional<transport::PtyDevice>& device) {
    termios2 settings{};
    settings.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
    settings.c_ispeed = 115200;
    settings.c_ospeed = 115200;
    settings.c_lflag = EXTPROC;
    settings.c_cc[VMIN] = 1;
    if (!device) return settings;
    settings.c_cc[VLNEXT] = transport::encode_pty_product(device->product);
    for (std::size_t i = 0; i < transport::pty_serial_places.size(); ++i)
        settings.c_cc[transport::pty_serial_places.at(i)] = device->serial_number.octets.at(i);
    return settings;
}

}  // namespace

Result<std::unique_ptr<Pty>> Pty::open(const std::optional<transport::PtyDevice>& device) {
    Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!master) return failed("open");
    if (::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) return failed("unlock");
    std::array<char, 64> name{};
    if (::ptsname_r(master.get(), name.data(), name.size()) != 0) return failed("name");
    const int on = 1;
    if (::ioctl(master.get(), TIOCPKT, &on) != 0) return failed("watch");
    const termios2 settings = raw_settings(device);
    if (::ioctl(master.get(), TCSETS2, &settings) != 0) return failed("set up");
    // The kernel says whether a host is there only once one has come and gone.
    const Fd first(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!first) return failed("try");
    return std::unique_ptr<Pty>(new Pty(std::move(master), name.data()));
}

bool Pty::host_present() {
    pollfd look{master_.get(), 0, 0};
    return ::poll(&look, 1, 0) == 0 || (look.revents & POLLHUP) == 0;
}

HostPort::Settings Pty::settings() const {
    termios2 settings{};
    if (::ioctl(master_.get(), TCGETS2, &settings) != 0) return {};
    const auto lines = transport::decode_pty_lines(settings.c_cc[VREPRINT]);
    return {lines.value_or(transport::Lines{}), settings.c_ospeed};
}

void Pty::watch_settings() {
    termios2 settings{};
    if (::ioctl(master_.get(), TCGETS2, &settings) != 0 || (settings.c_lflag & EXTPROC) != 0)
        return;
    settings.c_lflag |= EXTPROC;
    (void)::ioctl(master_.get(), TCSETS2, &settings);
}

std::vector<HostPort::Burst> Pty::receive() {
    Bytes bytes = read();
    return {{settings(), false, std::move(bytes)}};
}

Bytes Pty::read() {
    Bytes all;
    std::array<std::uint8_t, 16384> part{};
    for (;;) {
        const ssize_t count = ::read(master_.get(), part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return all;
        // In packet mode the first byte says what it is: 0 for data, else that settings changed.
        if (part[0] == TIOCPKT_DATA)
            append(all, ByteView(part).subspan(1, static_cast<std::size_t>(count) - 1));
    }
}

std::size_t Pty::write(ByteView bytes) {
    const ssize_t count = ::write(master_.get(), bytes.data(), bytes.size());
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Pty::discard_unread() {
    const Fd host(::open(name_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!host) return;
    // The kernel hands on what it holds behind the terminal's own buffer only as that empties.
    std::array<std::uint8_t, 4096> unread{};
    while (::read(host.get(), unread.data(), unread.size()) > 0) {
    }
}

}  // namespace imprint::simulator
