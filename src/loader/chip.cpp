// Sources, looked up for every row: esptool esptool/targets/<key>.py (IMAGE_CHIP_ID, MAC_EFUSE_REG,
// SPI_REG_BASE and its offsets, BOOTLOADER_FLASH_OFFSET, get_major_chip_version,
// get_minor_chip_version, get_crystal_freq); esp-serial-flasher src/esp_targets.c (the magics).
#include "loader/chip.h"

#include <algorithm>
#include <array>

namespace imprint::loader {

namespace {

using Magics = std::span<const std::uint32_t>;

constexpr std::array esp32_magics{0x00F01D83U};
constexpr std::array esp32s2_magics{0x000007C6U};
constexpr std::array esp32s3_magics{0x00000009U};
constexpr std::array esp32c3_magics{0x6921506FU, 0x1B31506FU, 0x4881606FU, 0x4361606FU};
constexpr std::array esp32c2_magics{0x6F51306FU, 0x7C41A06FU, 0x0C21E06FU};
constexpr std::array esp32c6_magics{0x2CE0806FU};
constexpr std::array esp32h2_magics{0xD7B73E80U};
constexpr std::array esp32c5_magics{0x1101406FU, 0x5FD1406FU};

constexpr SplitField field(std::uint32_t address, std::uint8_t shift, std::uint8_t bits) {
    return {{address, shift, bits}, {}};
}

constexpr std::array<Chip, 9> table{
    Chip{.name = "ESP32",
         .key = "esp32",
         .id = 0,
         .magics = esp32_magics,
         .mac_register = 0x3FF5A004,
         .bootloader_offset = 0x1000,
         .mac_has_crc = true,
         .tells_security = false,
         .tells_chip_id = false,
         .rom_encrypted_word = false,
         .in_package_pads = true,
         .rom_baud_measured = true,
         .spi = {.base = 0x3FF42000, .usr = 0x1C, .usr2 = 0x24, .miso_length = 0x2C, .w0 = 0x80},
         .revision_major = {},
         .revision_minor = field(0x3FF5A014, 24, 2),
         .crystal_mhz = 0,
         .uart_divider = 0x3FF40014,
         // ESP-IDF components/soc/esp32/register/soc/rtc_cntl_reg.h: WDT_EN, and 4 in WDT_STG0,
         // which resets the RTC domain with the rest and so has IO0 looked at anew.
         .watchdog = {.config0 = 0x3FF4808C,
                      .config1 = 0x3FF48090,
                      .protect = 0x3FF480A4,
                      .enable = 1U << 31 | 4U << 28 | 1U << 14 | 1U << 11}},
    Chip{.name = "ESP32-S2",
         .key = "esp32s2",
         .id = 2,
         .magics = esp32s2_magics,
         .mac_register = 0x3F41A044,
         .bootloader_offset = 0x1000,
         .tells_chip_id = false,
         .spi = {.base = 0x3F402000},
         .revision_major = field(0x3F41A050, 18, 2),
         .revision_minor = {{0x3F41A054, 4, 3}, {0x3F41A050, 20, 1}},
         .crystal_mhz = 40},
    Chip{.name = "ESP32-S3",
         .key = "esp32s3",
         .id = 9,
         .magics = esp32s3_magics,
         .mac_register = 0x60007044,
         .bootloader_offset = 0,
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60007058, 24, 2),
         .revision_minor = {{0x60007050, 18, 3}, {0x60007058, 23, 1}},
         .crystal_mhz = 40},
    Chip{.name = "ESP32-C3",
         .key = "esp32c3",
         .id = 5,
         .magics = esp32c3_magics,
         .mac_register = 0x60008844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60008858, 24, 2),
         .revision_minor = {{0x60008850, 18, 3}, {0x60008858, 23, 1}},
         .crystal_mhz = 40},
    Chip{.name = "ESP32-C2",
         .key = "esp32c2",
         .id = 12,
         .magics = esp32c2_magics,
         .mac_register = 0x60008840,
         .bootloader_offset = 0,
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60008844, 20, 2),
         .revision_minor = field(0x60008844, 16, 4),
         .crystal_mhz = 0,
         .uart_divider = 0x60000014},
    Chip{.name = "ESP32-C6",
         .key = "esp32c6",
         .id = 13,
         .magics = esp32c6_magics,
         .mac_register = 0x600B0844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B0850, 22, 2),
         .revision_minor = field(0x600B0850, 18, 4),
         .crystal_mhz = 40},
    Chip{.name = "ESP32-H2",
         .key = "esp32h2",
         .id = 16,
         .magics = esp32h2_magics,
         .mac_register = 0x600B0844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B0850, 21, 2),
         .revision_minor = field(0x600B0850, 18, 3),
         .crystal_mhz = 32},
    Chip{.name = "ESP32-C5",
         .key = "esp32c5",
         .id = 23,
         .magics = esp32c5_magics,
         .mac_register = 0x600B4844,
         .bootloader_offset = 0x2000,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B484C, 4, 2),
         .revision_minor = field(0x600B484C, 0, 4),
         .crystal_mhz = 0,
         .uart_divider = 0x60000014},
    Chip{.name = "ESP32-P4",
         .key = "esp32p4",
         .id = 18,
         .magics = {},
         .mac_register = 0x5012D044,
         .bootloader_offset = 0x2000,
         .spi = {.base = 0x5008D000},
         .revision_major = {{0x5012D04C, 4, 2}, {0x5012D04C, 23, 1}},
         .revision_minor = field(0x5012D04C, 0, 4),
         .crystal_mhz = 40},
};

template <typename Match>
const Chip* find_chip(Match matches) {
    const auto* found = std::ranges::find_if(table, matches);
    return found == table.end() ? nullptr : found;
}

}  // namespace

std::span<const Chip> chips() {
    return table;
}

const Chip* chip_by_id(std::uint16_t id) {
    return find_chip([id](const Chip& chip) { return chip.id == id; });
}

const Chip* chip_by_key(std::string_view key) {
    return find_chip([key](const Chip& chip) { return chip.key == key; });
}

const Chip* chip_by_magic(std::uint32_t magic) {
    return find_chip([magic](const Chip& chip) {
        return std::ranges::find(chip.magics, magic) != chip.magics.end();
    });
}

}  // namespace imprint::loader
