#include "loader/chip.h"

#include <algorithm>
#include <array>

namespace imprint::loader {

namespace {

// Ids: ESP-IDF esp_app_format.h, esp_chip_id_t. Magics, eFuse words and SPI bases:
// espressif/esptool esptool/targets/<chip>.py (MAC_EFUSE_REG, SPI_REG_BASE,
// BOOTLOADER_FLASH_OFFSET).
constexpr std::array<std::uint32_t, 1> esp32_magics = {0x00F01D83};
constexpr std::array<std::uint32_t, 1> esp32s2_magics = {0x000007C6};
constexpr std::array<std::uint32_t, 1> esp32s3_magics = {0x00000009};
constexpr std::array<std::uint32_t, 4> esp32c3_magics = {0x6921506F, 0x1B31506F, 0x4881606F,
                                                         0x4361606F};
constexpr std::array<std::uint32_t, 3> esp32c2_magics = {0x6F51306F, 0x7C41A06F, 0x0C21E06F};
constexpr std::array<std::uint32_t, 1> esp32c6_magics = {0x2CE0806F};
constexpr std::array<std::uint32_t, 1> esp32h2_magics = {0xD7B73E80};
constexpr std::array<std::uint32_t, 2> esp32c5_magics = {0x1101406F, 0x5FD1406F};

constexpr SpiRegisters newer_spi(std::uint32_t base) {
    return {base, 0x18, 0x1C, 0x20, 0x28, 0x58};
}

constexpr std::array<Chip, 9> table = {{
    {.name = "ESP32",
     .key = "esp32",
     .id = 0,
     .magics = esp32_magics,
     .mac_register = 0x3FF5A004,
     .bootloader_offset = 0x1000,
     .spi = {0x3FF42000, 0x1C, 0x20, 0x24, 0x2C, 0x80},
     .uart_divider_register = 0x3FF40014,
     .crystal_mhz = 40,
     .rom_takes_encrypted_word = false,
     .has_security_info = false},
    {.name = "ESP32-S2",
     .key = "esp32s2",
     .id = 2,
     .magics = esp32s2_magics,
     .mac_register = 0x3F41A044,
     .bootloader_offset = 0x1000,
     .spi = newer_spi(0x3F402000)},
    {.name = "ESP32-S3",
     .key = "esp32s3",
     .id = 9,
     .magics = esp32s3_magics,
     .mac_register = 0x60007044,
     .bootloader_offset = 0,
     .spi = newer_spi(0x60002000)},
    {.name = "ESP32-C3",
     .key = "esp32c3",
     .id = 5,
     .magics = esp32c3_magics,
     .mac_register = 0x60008844,
     .bootloader_offset = 0,
     .spi = newer_spi(0x60002000)},
    {.name = "ESP32-C2",
     .key = "esp32c2",
     .id = 12,
     .magics = esp32c2_magics,
     .mac_register = 0x60008840,
     .bootloader_offset = 0,
     .spi = newer_spi(0x60002000),
     .uart_divider_register = 0x60000014},
    {.name = "ESP32-C6",
     .key = "esp32c6",
     .id = 13,
     .magics = esp32c6_magics,
     .mac_register = 0x600B0844,
     .bootloader_offset = 0,
     .spi = newer_spi(0x60003000)},
    {.name = "ESP32-H2",
     .key = "esp32h2",
     .id = 16,
     .magics = esp32h2_magics,
     .mac_register = 0x600B0844,
     .bootloader_offset = 0,
     .spi = newer_spi(0x60003000),
     .crystal_mhz = 32},
    {.name = "ESP32-C5",
     .key = "esp32c5",
     .id = 23,
     .magics = esp32c5_magics,
     .mac_register = 0x600B4844,
     .bootloader_offset = 0x2000,
     .spi = newer_spi(0x60003000)},
    {.name = "ESP32-P4",
     .key = "esp32p4",
     .id = 18,
     .magics = {},
     .mac_register = 0x5012D044,
     .bootloader_offset = 0x2000,
     .spi = newer_spi(0x5008D000)},
}};

template <typename Matches>
const Chip* find(const Matches& matches) {
    const auto* found = std::ranges::find_if(table, matches);
    return found == table.end() ? nullptr : found;
}

}  // namespace

std::span<const Chip> chips() {
    return table;
}

const Chip* chip_by_id(std::uint16_t id) {
    return find([id](const Chip& chip) { return chip.id == id; });
}

const Chip* chip_by_key(std::string_view key) {
    return find([key](const Chip& chip) { return chip.key == key; });
}

const Chip* chip_by_magic(std::uint32_t magic) {
    return find([magic](const Chip& chip) {
        return std::ranges::find(chip.magics, magic) != chip.magics.end();
    });
}

}  // namespace imprint::loader
