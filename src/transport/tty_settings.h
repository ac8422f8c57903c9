// The kernel's settings of a terminal. In a source of its own because Linux's termios2, the only
// one with every baud rate (BOTHER), cannot be included together with the C library's termios.
// Source: termios(3), ioctl_tty(2), TCSETS2 and TIOCMSET.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/port.h"
#include "transport/pty_lines.h"

// Every function that can fail returns 0 or an errno.
namespace imprint::transport::tty {

// Eight bits, no parity, no flow control, no translation; CLOCAL, and closing leaves the lines
// unchanged. Data that has arrived stays readable. EXTPROC stays as the other side of a
// pseudo-terminal set it.
[[nodiscard]] int make_raw(int fd);

// The driver's real rate is read after setting it: 0 if unknown.
struct BaudResult {
    int error = 0;
    std::uint32_t actual = 0;
};

[[nodiscard]] BaudResult set_baud(int fd, std::uint32_t baud);

// The modem lines. Empty: this terminal has none.
[[nodiscard]] std::optional<Lines> modem_lines(int fd);
[[nodiscard]] int set_modem_lines(int fd, Lines lines);

// The lines of a pseudo-terminal (pty_lines.h). True if its other side watches them.
[[nodiscard]] bool watches_pty_lines(int fd);
[[nodiscard]] int set_pty_lines(int fd, Lines lines);
// The chip that the other side of a pseudo-terminal claims to be; empty: a UART bridge, or no
// board.
[[nodiscard]] std::optional<PtyDevice> pty_device(int fd);

[[nodiscard]] int discard_input(int fd);
// Later openers get EBUSY until the last descriptor is closed. Not for pseudo-terminals, where this
// setting lasts, even after our end, as long as the other side is open.
[[nodiscard]] int make_exclusive(int fd);
// Otherwise USB bridges delay short answers by up to 16 ms. Best effort: not all support it.
void ask_for_low_latency(int fd);

}  // namespace imprint::transport::tty
