// A byte stream to a board, with modem lines if there are any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"

namespace imprint::transport {

// True is "asserted": the pin behind the bridge is pulled low.
struct Lines {
    bool dtr = false;  // to IO0 (boot mode) on Espressif's auto-reset circuit
    bool rts = false;  // to EN (reset)
    bool operator==(const Lines&) const = default;
};

struct PortTraits {
    bool has_lines = false;
    bool has_baud = false;
    bool usb_serial_jtag = false;  // USB product id 1001 of Espressif
    // Espressif's USB product id; 0: another vendor's, or none. A chip's own USB (OTG) has the id
    // of the chip.
    std::uint16_t espressif_product = 0;
    // The peer confirms no change of a line. That is so of a server that plays the reset itself as
    // soon as DTR is asserted, and passes on nothing else (Espressif's esp_rfc2217_server).
    bool plays_resets = false;
    // The longest time so far that a peer took from changing DTR to changing RTS.
    Milliseconds lines_apart{0};
};

// Errors of every operation (kind board): port_gone (the cable was pulled, the peer closed),
// port_io (any other system error). Used by one thread at a time.
class Port {
  public:
    virtual ~Port() = default;
    // Waits for data until the timeout; 0 bytes means a timeout.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<std::uint8_t> into,
                                                   Milliseconds patience) = 0;
    // Writes everything, or fails (port_stuck if the peer accepts nothing for 10 s).
    [[nodiscard]] virtual Result<void> write(ByteView bytes) = 0;
    // Sets both at once if the system can.
    [[nodiscard]] virtual Result<void> set_lines(Lines lines) = 0;
    [[nodiscard]] virtual Result<void> set_baud(std::uint32_t baud) = 0;
    [[nodiscard]] virtual Result<void> discard_input() = 0;
    // A chip that is its own USB device leaves the bus when it is reset, and its port disappears.
    // Waits until the port is back in the same USB socket, under any name, and reopens it: raw, at
    // its former rate, lines released. Error: port_gone, if it does not come back, or is not that
    // kind of port.
    [[nodiscard]] virtual Result<void> await_return(Milliseconds patience);
    // May change with set_lines().
    [[nodiscard]] virtual const PortTraits& traits() const = 0;

    // Another program that has the port open too, and so takes part of what arrives: "minicom
    // (process 815)". Empty: none that this user can see.
    [[nodiscard]] virtual std::string other_user() const { return {}; }

    [[nodiscard]] virtual const std::string& name() const = 0;
};

// Like read(), for a console that continues over the resets of a chip that is its own USB device.
[[nodiscard]] Result<std::size_t> read_across_resets(Port& port, std::span<std::uint8_t> into,
                                                     Milliseconds patience);

// "/dev/ttyUSB0", "socket://127.0.0.1:5555", "rfc2217://127.0.0.1:4000". Exclusive: a second opener
// gets port_busy (over a network, the server decides). Errors (kind board): port_missing, port_busy
// (with the holder's pid if it can be found), port_denied (with the group or udev rule that fixes
// it), port_unreachable, port_baud; usage: port_url.
[[nodiscard]] Result<std::unique_ptr<Port>> open_port(const std::string& url,
                                                      std::uint32_t baud = 115200);

}  // namespace imprint::transport
