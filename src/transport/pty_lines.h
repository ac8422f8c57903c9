// Modem lines over a pseudo-terminal.
//
// Linux pseudo-terminals carry no DTR and RTS, but a board cannot be reset without them. What they
// do carry is the slave's termios, which the master can read; in packet mode with EXTPROC set the
// master is woken at each change. So the two lines travel in a control character that raw mode
// never looks at: c_cc[VREPRINT] = 0x80 | dtr << 0 | rts << 1, and the baud rate travels where it
// always does. `stty -F /dev/pts/7 rprnt <value>` sets them from a shell. A slave whose VREPRINT
// lacks bit 7 carries no lines.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/port.h"

namespace imprint::transport {

inline constexpr std::uint8_t pty_lines_mark = 0x80;

[[nodiscard]] constexpr std::uint8_t encode_pty_lines(Lines lines) {
    return static_cast<std::uint8_t>(pty_lines_mark | (lines.dtr ? 1 : 0) | (lines.rts ? 2 : 0));
}

[[nodiscard]] constexpr std::optional<Lines> decode_pty_lines(std::uint8_t character) {
    if ((character & 0xFC) != pty_lines_mark) return std::nullopt;
    return Lines{(character & 1) != 0, (character & 2) != 0};
}

}  // namespace imprint::transport
