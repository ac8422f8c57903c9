// Chips as data: adding one is adding a row to the table in chip.cpp, and a test vector.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace imprint::loader {

// Some bits of a word that READ_REG reaches. bits == 0: there is no such field.
struct RegisterField {
    std::uint32_t address = 0;
    std::uint8_t shift = 0;
    std::uint8_t bits = 0;

    [[nodiscard]] constexpr std::uint32_t of(std::uint32_t word) const {
        return (word >> shift) & ((1U << bits) - 1);
    }
};

// A number in two pieces: low, and the bits above it.
struct SplitField {
    RegisterField low;
    RegisterField high;
};

// The SPI controller that the flash hangs on. Its user-command registers send any command.
struct SpiController {
    std::uint32_t base = 0;
    std::uint8_t usr = 0x18;  // offsets from base
    std::uint8_t usr2 = 0x20;
    std::uint8_t miso_length = 0x28;
    std::uint8_t w0 = 0x58;
};

// The RTC watchdog: the way to reset a chip whose EN nobody holds.
struct RtcWatchdog {
    std::uint32_t config0 = 0;  // 0: not known for this chip
    std::uint32_t config1 = 0;
    std::uint32_t protect = 0;
    std::uint32_t enable = 0;  // into config0: on, and its first stage resets everything
};

struct Chip {
    std::string_view name;                  // "ESP32"
    std::string_view key;                   // "esp32": stub file name, flasher_args.json's chip
    std::uint16_t id = 0;                   // esp_chip_id_t, as in app images and security info
    std::span<const std::uint32_t> magics;  // at 0x40001000
    std::uint32_t mac_register = 0;         // first of two eFuse words
    std::uint32_t bootloader_offset = 0;

    bool mac_has_crc = false;        // a CRC-8 stands beside the MAC
    bool tells_security = true;      // GET_SECURITY_INFO
    bool tells_chip_id = true;       // and the chip's id in it
    bool rom_encrypted_word = true;  // the ROM's *_BEGIN takes a fifth word
    bool in_package_pads = false;    // SPI_ATTACH needs the eFuse's pad configuration
    bool rom_baud_measured = false;  // the ROM derives rates from a clock that it has measured
    SpiController spi = {};
    SplitField revision_major = {};  // as in eFuse; the ESP32's major has a rule of its own
    SplitField revision_minor = {};
    std::uint32_t crystal_mhz = 0;   // 0: to be measured,
    std::uint32_t uart_divider = 0;  // by this register, UART0's clock divider
    RtcWatchdog watchdog = {};
};

// A word in ROM that differs from chip to chip, where the old ones have no better mark.
inline constexpr std::uint32_t chip_magic_register = 0x40001000;

[[nodiscard]] std::span<const Chip> chips();
[[nodiscard]] const Chip* chip_by_id(std::uint16_t id);
[[nodiscard]] const Chip* chip_by_key(std::string_view key);
[[nodiscard]] const Chip* chip_by_magic(std::uint32_t magic);

}  // namespace imprint::loader
