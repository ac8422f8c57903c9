// The telnet option that sets a serial port remotely: its commands, for client and server.
// Source: RFC 2217, sections 2 and 3; numbers in network order (section 3, SET-BAUDRATE).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace imprint::transport::com_port {

enum class Command : std::uint8_t {
    signature = 0,
    set_baudrate = 1,
    set_datasize = 2,
    set_parity = 3,
    set_stopsize = 4,
    set_control = 5,
    notify_linestate = 6,
    notify_modemstate = 7,
    flow_suspend = 8,
    flow_resume = 9,
    set_linestate_mask = 10,
    set_modemstate_mask = 11,
    purge_data = 12,
};

inline constexpr std::uint8_t from_server = 100;  // added to a command by the server

// Values; 0 asks for the present one, for SET-CONTROL that of the outbound flow control.
inline constexpr std::uint8_t ask = 0;
inline constexpr std::uint8_t eight_bits = 8;
inline constexpr std::uint8_t no_parity = 1;
inline constexpr std::uint8_t one_stop_bit = 1;

enum class Control : std::uint8_t {
    ask_flow = 0,
    no_flow = 1,
    flow_xon_xoff = 2,
    flow_hardware = 3,
    ask_break = 4,
    break_on = 5,
    break_off = 6,
    ask_dtr = 7,
    dtr_on = 8,
    dtr_off = 9,
    ask_rts = 10,
    rts_on = 11,
    rts_off = 12,
    ask_inbound_flow = 13,
    no_inbound_flow = 14,
    inbound_flow_xon_xoff = 15,
    inbound_flow_hardware = 16,
    flow_dcd = 17,
    inbound_flow_dtr = 18,
    flow_dsr = 19,
};

// "Receive" is data from the port on its way to the client.
enum class Purge : std::uint8_t { receive = 1, transmit = 2, both = 3 };

[[nodiscard]] Bytes command(Command which, ByteView value);
[[nodiscard]] Bytes command(Command which, std::uint8_t value);
// As sent by the server.
[[nodiscard]] Bytes answer(Command which, ByteView value);

// For SET-BAUDRATE. Nothing if it is not four bytes.
[[nodiscard]] Bytes encode_baud(std::uint32_t baud);
[[nodiscard]] std::optional<std::uint32_t> decode_baud(ByteView value);

}  // namespace imprint::transport::com_port
