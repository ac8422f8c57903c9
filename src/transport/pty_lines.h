// Modem lines over a pseudo-terminal.
//
// Linux pseudo-terminals have no DTR and RTS, but a board cannot be reset without them. They do
// have the slave's termios, which the master can read; in packet mode with EXTPROC set, the master
// is woken at each change. So the two lines are sent in a control character that raw mode ignores:
// c_cc[VREPRINT] = 0x80 | dtr << 0 | rts << 1, and the baud rate in its usual place. `stty -F
// /dev/pts/7 rprnt <value>` sets them from a shell. If bit 7 of the slave's VREPRINT is clear,
// there are no lines.
//
// USB data of a port is sent the other way, set by the master before anybody opens the port: the
// character VLNEXT is 0x80 | the chip's product id, or 0xFF for USB-Serial/JTAG; six more hold the
// device's serial number, which is the chip's MAC there. The name of a pseudo-terminal is reused
// for the next program that asks for one: only these characters show that a device that came back
// is the former one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/mac.h"
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

// A chip that is its own USB device.
struct PtyDevice {
    std::uint16_t product = 0;  // Espressif's USB product id
    MacAddress serial_number;
    bool operator==(const PtyDevice&) const = default;
};

// VINTR, VQUIT, VERASE, VKILL, VSTART and VSTOP: raw mode ignores these too.
inline constexpr std::array<std::size_t, 6> pty_serial_places{0, 1, 2, 3, 8, 9};

inline constexpr std::uint8_t pty_product_mark = 0x80;
inline constexpr std::uint8_t pty_serial_jtag = 0xFF;

[[nodiscard]] constexpr std::uint8_t encode_pty_product(std::uint16_t product) {
    return product < 0x7F ? static_cast<std::uint8_t>(pty_product_mark | product) : pty_serial_jtag;
}

// 0: a UART bridge.
[[nodiscard]] constexpr std::uint16_t decode_pty_product(std::uint8_t character) {
    if (character == pty_serial_jtag) return 0x1001;
    return (character & pty_product_mark) == 0 ? 0 : static_cast<std::uint16_t>(character & 0x7F);
}

}  // namespace imprint::transport
