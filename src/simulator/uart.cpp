#include "simulator/uart.h"

namespace imprint::simulator {

Bytes garbled(ByteView bytes) {
    Bytes noise;
    noise.reserve(bytes.size() / 2 + 1);
    // A wrong rate samples the wrong bits and loses frames: about every second byte comes out,
    // bent.
    for (std::size_t i = 0; i < bytes.size(); i += 2)
        noise.push_back(static_cast<std::uint8_t>((bytes[i] >> 3) | 0x80 | (i << 5)));
    return noise;
}

}  // namespace imprint::simulator
