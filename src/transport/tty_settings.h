// What the kernel keeps about a terminal. Kept apart because Linux's termios2, which alone knows
// every baud rate (BOTHER), cannot be included beside the C library's termios.
// Source: termios(3), ioctl_tty(2), TCSETS2 and TIOCMSET.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/port.h"
#include "transport/pty_lines.h"

// Every function that can fail gives 0 or an errno.
namespace imprint::transport::tty {

// Eight bits, no parity, no flow control, nothing translated; CLOCAL, and closing leaves the lines
// as they are. What arrived stays readable. EXTPROC stays as the other side of a pseudo-terminal
// set it.
[[nodiscard]] int make_raw(int fd);

// The rate that the driver really runs at is looked up after setting it: 0 where it cannot tell.
struct BaudResult {
    int error = 0;
    std::uint32_t actual = 0;
};

[[nodiscard]] BaudResult set_baud(int fd, std::uint32_t baud);

// The modem lines. Empty: this terminal has none.
[[nodiscard]] std::optional<Lines> modem_lines(int fd);
[[nodiscard]] int set_modem_lines(int fd, Lines lines);

// The lines of a pseudo-terminal (pty_lines.h). True when its other side watches for them.
[[nodiscard]] bool watches_pty_lines(int fd);
[[nodiscard]] int set_pty_lines(int fd, Lines lines);
// The chip that the other side of a pseudo-terminal claims to be; empty: a UART bridge, or no
// board.
[[nodiscard]] std::optional<PtyDevice> pty_device(int fd);

[[nodiscard]] int discard_input(int fd);
// Later openers get EBUSY until the last descriptor is closed. Not for pseudo-terminals, where the
// mark outlives us for as long as the other side is open.
[[nodiscard]] int make_exclusive(int fd);
// USB bridges otherwise hold short answers back for up to 16 ms. Best effort: not all can.
void ask_for_low_latency(int fd);

}  // namespace imprint::transport::tty
