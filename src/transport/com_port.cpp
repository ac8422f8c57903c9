#include "transport/com_port.h"

#include "transport/telnet.h"

namespace imprint::transport::com_port {

namespace {

Bytes say(unsigned which, ByteView value) {
    Bytes content{static_cast<std::uint8_t>(which)};
    append(content, value);
    return telnet::subnegotiation(telnet::option_com_port, content);
}

}  // namespace

Bytes command(Command which, ByteView value) {
    return say(static_cast<unsigned>(which), value);
}

Bytes command(Command which, std::uint8_t value) {
    return command(which, ByteView(&value, 1));
}

Bytes answer(Command which, ByteView value) {
    return say(static_cast<unsigned>(which) + from_server, value);
}

Bytes encode_baud(std::uint32_t baud) {
    Bytes value(4);
    for (unsigned i = 0; i < 4; ++i)
        value[i] = static_cast<std::uint8_t>(baud >> (8 * (3 - i)));
    return value;
}

std::optional<std::uint32_t> decode_baud(ByteView value) {
    if (value.size() != 4) return std::nullopt;
    std::uint32_t baud = 0;
    for (const std::uint8_t byte : value)
        baud = baud << 8 | byte;
    return baud;
}

}  // namespace imprint::transport::com_port
