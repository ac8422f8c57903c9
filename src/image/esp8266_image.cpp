#include "image/esp8266_image.h"

#include <cstddef>
#include <cstdint>

namespace imprint::image {

namespace {

// Segments from there, as many as the header says, with the checksum behind them.
bool has_segments(ByteView bytes, std::size_t at, std::size_t count) {
    constexpr std::uint8_t checksum_seed = 0xEF;
    std::uint8_t checksum = checksum_seed;
    for (std::size_t i = 0; i < count; ++i) {
        if (bytes.size() < at + 8) return false;
        const std::uint32_t size = get_u32(bytes, at + 4);
        at += 8;
        if (bytes.size() - at < size) return false;
        for (const std::uint8_t byte : bytes.subspan(at, size))
            checksum ^= byte;
        at += size;
    }
    const std::size_t last = round_up(at + 1, 16) - 1;
    return last < bytes.size() && bytes[last] == checksum;
}

}  // namespace

// The header has 8 bytes where later chips' has 24, and says for no chip. Version 2 has the code
// that runs from flash before a second header.
int esp8266_image_version(ByteView bytes) {
    constexpr std::uint8_t image_magic = 0xE9;
    constexpr std::size_t header = 8;
    constexpr std::uint8_t version_2 = 0xEA;
    constexpr std::uint8_t version_2_segments = 4;
    constexpr std::uint32_t memory = 0x40000000;  // ROM, RAM for code, flash
    constexpr std::size_t most_segments = 16;
    if (bytes.size() < 2 * header) return 0;
    if (bytes[0] == version_2 && bytes[1] == version_2_segments) {
        const std::size_t second = 2 * header + get_u32(bytes, header + 4);
        if (second + header <= bytes.size() && bytes[second] == image_magic &&
            get_u32(bytes, 4) >> 24 == memory >> 24)
            return 2;
        return 0;
    }
    if (bytes[0] != image_magic || bytes[1] == 0 || bytes[1] > most_segments ||
        get_u32(bytes, 4) >> 24 != memory >> 24 || !has_segments(bytes, header, bytes[1]))
        return 0;
    return 1;
}

}  // namespace imprint::image
