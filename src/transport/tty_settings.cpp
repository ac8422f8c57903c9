#include "transport/tty_settings.h"

#include <array>
#include <asm/termbits.h>
#include <cerrno>
#include <linux/serial.h>
#include <sys/ioctl.h>

#include "transport/pty_lines.h"

namespace imprint::transport::tty {

namespace {

int result_of(int returned) {
    return returned < 0 ? errno : 0;
}

// TCSETS2 takes effect at once and drops nothing of what has been written or has arrived.
template <typename Change>
int change(int fd, Change apply) {
    termios2 settings{};
    if (::ioctl(fd, TCGETS2, &settings) < 0) return errno;
    apply(settings);
    return result_of(::ioctl(fd, TCSETS2, &settings));
}

}  // namespace

int make_raw(int fd) {
    return change(fd, [](termios2& settings) {
        settings.c_iflag = 0;
        settings.c_oflag = 0;
        settings.c_lflag &= EXTPROC;
        settings.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | CSTOPB | CRTSCTS | HUPCL);
        settings.c_cflag |= CS8 | CREAD | CLOCAL;
        // With O_NONBLOCK: nothing there gives EAGAIN, and 0 bytes means a hang-up and that alone.
        settings.c_cc[VMIN] = 1;
        settings.c_cc[VTIME] = 0;
    });
}

BaudResult set_baud(int fd, std::uint32_t baud) {
    const int error = change(fd, [baud](termios2& settings) {
        settings.c_cflag &= ~static_cast<tcflag_t>(CBAUD | (CBAUD << IBSHIFT));
        settings.c_cflag |= BOTHER | (BOTHER << IBSHIFT);
        settings.c_ispeed = baud;
        settings.c_ospeed = baud;
    });
    if (error != 0) return {error, 0};
    termios2 settings{};
    if (::ioctl(fd, TCGETS2, &settings) < 0) return {};
    return {0, settings.c_ospeed};
}

std::optional<Lines> modem_lines(int fd) {
    int bits = 0;
    if (::ioctl(fd, TIOCMGET, &bits) < 0) return std::nullopt;
    return Lines{(bits & TIOCM_DTR) != 0, (bits & TIOCM_RTS) != 0};
}

int set_modem_lines(int fd, Lines lines) {
    int bits = 0;
    if (::ioctl(fd, TIOCMGET, &bits) < 0) return errno;
    bits &= ~(TIOCM_DTR | TIOCM_RTS);
    if (lines.dtr) bits |= TIOCM_DTR;
    if (lines.rts) bits |= TIOCM_RTS;
    return result_of(::ioctl(fd, TIOCMSET, &bits));
}

bool watches_pty_lines(int fd) {
    termios2 settings{};
    if (::ioctl(fd, TCGETS2, &settings) < 0) return false;
    return (settings.c_lflag & EXTPROC) != 0 ||
           decode_pty_lines(settings.c_cc[VREPRINT]).has_value();
}

int set_pty_lines(int fd, Lines lines) {
    return change(
        fd, [lines](termios2& settings) { settings.c_cc[VREPRINT] = encode_pty_lines(lines); });
}

std::optional<PtyDevice> pty_device(int fd) {
    static_assert(pty_serial_places ==
                  std::array<std::size_t, 6>{VINTR, VQUIT, VERASE, VKILL, VSTART, VSTOP});
    termios2 settings{};
    if (::ioctl(fd, TCGETS2, &settings) < 0) return std::nullopt;
    PtyDevice device{decode_pty_product(settings.c_cc[VLNEXT]), {}};
    if (device.product == 0) return std::nullopt;
    for (std::size_t i = 0; i < pty_serial_places.size(); ++i)
        device.serial_number.octets.at(i) = settings.c_cc[pty_serial_places.at(i)];
    return device;
}

int discard_input(int fd) {
    return result_of(::ioctl(fd, TCFLSH, TCIFLUSH));
}

int make_exclusive(int fd) {
    return result_of(::ioctl(fd, TIOCEXCL));
}

void ask_for_low_latency(int fd) {
    serial_struct settings{};
    if (::ioctl(fd, TIOCGSERIAL, &settings) < 0) return;
    settings.flags |= ASYNC_LOW_LATENCY;
    static_cast<void>(::ioctl(fd, TIOCSSERIAL, &settings));
}

}  // namespace imprint::transport::tty
