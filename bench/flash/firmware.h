// What the flashing benchmarks put on a board: sizes and compressibility of a real product.
#pragma once

#include <cstdint>
#include <vector>

#include "loader/flash_data.h"

namespace imprint::bench {

struct Firmware {
    std::vector<loader::FlashData> regions;  // bootloader, partition table, app, credentials
};

inline constexpr std::uint32_t credentials_offset = 0x310000;
inline constexpr std::uint32_t credentials_size = 0xF0000;

// 26 KB, 3 KB and 1.1 MB that compress to about 0.57 of that, as an ESP-IDF app does (esptool
// issues 220 and 919 show 0.556 and 0.573), and a SPIFFS image of 960 KB with the credentials of
// board number `board`.
[[nodiscard]] Firmware make_firmware(unsigned board);

}  // namespace imprint::bench
