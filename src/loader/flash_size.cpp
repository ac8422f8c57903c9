#include "loader/flash_size.h"

#include <algorithm>
#include <array>

namespace imprint::loader {

namespace {

constexpr std::uint32_t adesto = 0x1F;

// The capacity byte is the power of two; some series have it 0x20 higher, and from 64 MB on there
// are two countings.
struct Capacity {
    std::uint8_t code;
    std::uint8_t power;
};

constexpr std::array capacities{
    Capacity{0x12, 18}, Capacity{0x13, 19}, Capacity{0x14, 20}, Capacity{0x15, 21},
    Capacity{0x16, 22}, Capacity{0x17, 23}, Capacity{0x18, 24}, Capacity{0x19, 25},
    Capacity{0x1A, 26}, Capacity{0x1B, 27}, Capacity{0x1C, 28}, Capacity{0x20, 26},
    Capacity{0x21, 27}, Capacity{0x22, 28}, Capacity{0x32, 18}, Capacity{0x33, 19},
    Capacity{0x34, 20}, Capacity{0x35, 21}, Capacity{0x36, 22}, Capacity{0x37, 23},
    Capacity{0x38, 24}, Capacity{0x39, 25}, Capacity{0x3A, 26},
};

}  // namespace

std::uint32_t flash_size_of(std::uint32_t id) {
    if (is_no_flash_id(id)) return 0;
    if ((id & 0xFF) == adesto) {
        const std::uint32_t code = id >> 8 & 0x1F;  // 04: 512 KB … 09: 16 MB
        return code >= 4 && code <= 9 ? 1U << (code + 15) : 0;
    }
    const auto code = static_cast<std::uint8_t>(id >> 16);
    const auto* found = std::ranges::find(capacities, code, &Capacity::code);
    return found == capacities.end() ? 0 : 1U << found->power;
}

bool is_no_flash_id(std::uint32_t id) {
    // esptool esptool/cmds.py, BAD_FLASH_IDS.
    return id == 0xFFFFFF || id == 0 || id == 0xFFFF3F;
}

}  // namespace imprint::loader
