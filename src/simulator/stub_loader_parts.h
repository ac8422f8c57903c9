// What the sources of the stub loader share. Internal to the layer.
#pragma once

#include <cstdint>

#include "simulator/stub_loader.h"

namespace imprint::simulator {

// The high byte of the stub's response codes; the low one is always zero.
enum class StubLoader::Error : std::uint8_t {
    none = 0,
    bad_length = 0xC0,
    bad_checksum = 0xC1,
    bad_block_size = 0xC2,
    invalid_command = 0xC3,
    spi_failed = 0xC4,
    not_begun = 0xC6,
    inflate_failed = 0xC7,
    not_enough_data = 0xC8,
    too_much_data = 0xC9,
    unimplemented = 0xFF,
};

[[nodiscard]] inline std::uint32_t stub_word(ByteView data, std::size_t i) {
    return get_u32(data, 4 * i);
}

}  // namespace imprint::simulator
