// Requests and replies of the serial protocol, as a host writes and reads them.
#pragma once

#include <initializer_list>
#include <vector>

#include "simulator/uart.h"
#include "simulator/wire.h"

namespace imprint::simulator {

inline Bytes words(std::initializer_list<std::uint32_t> values) {
    Bytes bytes;
    for (const std::uint32_t value : values)
        append_u32(bytes, value);
    return bytes;
}

inline Bytes request(Op op, ByteView data = {}, std::uint32_t checksum = 0) {
    Bytes frame{0, static_cast<std::uint8_t>(op)};
    append_u16(frame, static_cast<std::uint16_t>(data.size()));
    append_u32(frame, checksum);
    append(frame, data);
    return slip_frame(frame);
}

inline Bytes data_request(Op op, ByteView data, std::uint32_t sequence) {
    Bytes content = words({static_cast<std::uint32_t>(data.size()), sequence, 0, 0});
    append(content, data);
    return request(op, content, data_checksum(data));
}

inline Bytes sync_request() {
    Bytes data{0x07, 0x07, 0x12, 0x20};
    data.resize(36, 0x55);
    return request(Op::sync, data);
}

inline std::vector<Bytes> frames(ByteView bytes) {
    std::vector<Bytes> found;
    SlipReceiver receiver(0x10000);
    for (const std::uint8_t byte : bytes)
        if (auto frame = receiver.receive(byte)) found.push_back(std::move(*frame));
    return found;
}

inline Bytes joined(const std::vector<Uart::Chunk>& chunks) {
    Bytes bytes;
    for (const Uart::Chunk& chunk : chunks)
        append(bytes, chunk.bytes);
    return bytes;
}

}  // namespace imprint::simulator
