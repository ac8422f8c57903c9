#include "loader/rate_trial.h"

#include <algorithm>

#include "loader/flash_read.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t block = 0x1000;
constexpr std::uint32_t blocks = 4;
constexpr std::uint32_t most_read = 0x4000;

// Every byte in every neighbourhood, and the same each time: xorshift32 (Marsaglia, "Xorshift
// RNGs").
Bytes pattern(std::uint32_t seed) {
    Bytes bytes(block);
    std::uint32_t state = seed + 1;
    for (std::uint8_t& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        byte = static_cast<std::uint8_t>(state >> 8);
    }
    return bytes;
}

}  // namespace

// To the board: blocks of a write of no bytes, whose checksum is looked at before they are thrown
// away (esp-flasher-stub src/command_handler.c, s_flash_data_post_process; the former stub's
// handle_flash_data). From it: flash, with its MD5. A blank flash says little; what follows, and is
// proven in the end, says more.
Result<void> try_rate(Connection& link, std::uint32_t readable) {
    const Transfer nothing{0, blocks, block, 0};
    IMPRINT_CHECK(
        link.command(begin_request(Op::flash_begin, nothing, EncryptedWord::none), timing::usual));
    for (std::uint32_t i = 0; i < blocks; ++i)
        IMPRINT_CHECK(link.command(data_request(Op::flash_data, i, pattern(i)), timing::usual));
    if (readable == 0) return {};
    IMPRINT_CHECK(read_region(link, 0, std::min(readable, most_read), {}));
    return {};
}

}  // namespace imprint::loader
