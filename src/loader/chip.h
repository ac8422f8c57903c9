// Chips as data: adding one is adding a row to the table in chip.cpp, and a test vector.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace imprint::loader {

// The SPI controller of the flash: base address and where its registers are behind it.
struct SpiRegisters {
    std::uint32_t base = 0;
    std::uint16_t user = 0;         // SPI_USER_REG
    std::uint16_t user1 = 0;        // SPI_USER1_REG
    std::uint16_t user2 = 0;        // SPI_USER2_REG
    std::uint16_t miso_length = 0;  // SPI_MISO_DLEN_REG, bits less one
    std::uint16_t data = 0;         // SPI_W0_REG
};

struct Chip {
    std::string_view name;                  // "ESP32"
    std::string_view key;                   // "esp32": stub file name, flasher_args.json's chip
    std::uint16_t id = 0;                   // esp_chip_id_t, as in app images and security info
    std::span<const std::uint32_t> magics;  // at 0x40001000; empty: the ROM has none
    std::uint32_t mac_register = 0;         // first of two eFuse words
    std::uint32_t bootloader_offset = 0;    // bytes into flash
    SpiRegisters spi;
    std::uint32_t uart_divider_register =
        0;                                 // UART0's, by which the crystal is told; 0: not needed
    std::uint32_t crystal_mhz = 40;        // where it is not told by the divider
    bool rom_takes_encrypted_word = true;  // FLASH_BEGIN and FLASH_DEFL_BEGIN with a fifth word
    bool has_security_info = true;         // ROM answers GET_SECURITY_INFO
};

inline constexpr std::uint32_t magic_register = 0x40001000;

[[nodiscard]] std::span<const Chip> chips();
[[nodiscard]] const Chip* chip_by_id(std::uint16_t id);
[[nodiscard]] const Chip* chip_by_key(std::string_view key);
[[nodiscard]] const Chip* chip_by_magic(std::uint32_t magic);

}  // namespace imprint::loader
