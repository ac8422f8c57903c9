// Chips as data: adding one is adding a row to the table in chip.cpp, and a test vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace imprint::loader {

// Some bits of a word that READ_REG can read. bits == 0: there is no such field.
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

// The flash's SPI controller. Its user-command registers can send any command.
struct SpiController {
    std::uint32_t base = 0;
    std::uint8_t usr = 0x18;  // offsets from base
    std::uint8_t usr2 = 0x20;
    std::uint8_t miso_length = 0x28;
    std::uint8_t w0 = 0x58;
};

// The RTC watchdog: a way to reset a chip without control of EN. It may also be running in the ROM
// if the chip was reset through its USB-Serial/JTAG unit, and then has to be turned off.
struct RtcWatchdog {
    std::uint32_t config0 = 0;  // 0: unknown for this chip
    std::uint32_t config1 = 0;
    std::uint32_t protect = 0;
    std::uint32_t enable = 0;  // into config0: on, with its first stage resetting everything;
                               // 0: it cannot be used to reset this chip
};

// Written into RtcWatchdog::protect to unlock the others; any other value locks them again.
inline constexpr std::uint32_t rtc_watchdog_key = 0x50D83AA1;

// The second watchdog of the chips with a USB-Serial/JTAG unit. It cannot be turned off, but can be
// told to feed itself.
struct SuperWatchdog {
    std::uint32_t config = 0;  // 0: none that needs attention
    std::uint32_t feeds_itself = 0;
    std::uint32_t protect = 0;
    std::uint32_t key = 0;
};

// The crystal that the ROM assumes when it calculates a baud rate. Both zero: the real one.
struct RomCrystal {
    std::uint32_t mhz = 0;
    RegisterField told = {};  // MHz
};

// The value for the low half of an app image's byte 3.
struct FlashFrequency {
    std::string_view name;  // "80m", as build systems and esptool write it
    std::uint8_t code = 0;
};

struct RegisterStep {
    std::uint32_t address = 0;
    std::uint32_t clear = 0;
    std::uint32_t set = 0;
    std::uint32_t wait_ms = 0;  // afterwards
};

// Revisions that start with the flash chip's power supply off.
struct FlashSupply {
    std::uint16_t first_revision = 0xFFFF;
    std::uint16_t last_revision = 0;
    std::span<const RegisterStep> steps = {};
    // From this revision on, an eFuse may make the ROM do it; then only `left_over` is needed.
    std::uint16_t automatic_from = 0xFFFF;
    RegisterField automatic = {};
    RegisterStep left_over = {};
};

// Which stub is for which revision.
struct StubFiles {
    std::uint16_t from_revision = 0;    // older silicon runs none
    std::uint16_t former_below = 0;     // older silicon runs another:
    std::string_view former_name = {};  // this one
    // It can address flash above 16 MB, which no ROM can; with other stubs, addresses wrap there.
    bool addresses_32_bits = false;
    // For a secure boot ROM that refuses to jump into RAM: the word in its data that
    // READ_FLASH_SLOW calls through. 0: it does not refuse.
    std::uint32_t secure_boot_hook = 0;
};

// The first silicon of the ESP32-S3 gives its revision by the version of its eFuse blocks.
struct BlockVersion {
    RegisterField major = {};
    RegisterField minor = {};
};

struct Chip {
    std::string_view name;                  // "ESP32"
    std::string_view key;                   // "esp32": stub file name, flasher_args.json's chip
    std::uint16_t id = 0;                   // esp_chip_id_t, as in app images and security info
    std::span<const std::uint32_t> magics;  // at 0x40001000
    std::uint32_t mac_register = 0;         // first of two eFuse words
    std::uint32_t bootloader_offset = 0;

    bool mac_has_crc = false;    // a CRC-8 is stored with the MAC
    bool tells_security = true;  // GET_SECURITY_INFO
    bool tells_chip_id = true;   // with the chip's id in it
    // The key blocks in eFuse that have a purpose. GET_SECURITY_INFO always gives seven; what it
    // gives for a block that the chip does not have means nothing (a blank C3 says 12 there).
    std::size_t key_blocks = 6;
    bool rom_encrypted_word = true;  // the ROM's *_BEGIN takes a fifth word
    bool in_package_pads = false;    // SPI_ATTACH needs the eFuse's pad configuration
    bool rom_baud_measured = false;  // the ROM derives baud rates from a measured clock
    RomCrystal rom_crystal = {};     // or from an assumed one
    SpiController spi = {};
    SplitField revision_major = {};  // as in eFuse; the ESP32's major has a rule of its own
    SplitField revision_minor = {};
    RegisterField encrypted_writes_disabled = {};  // DIS_DOWNLOAD_MANUAL_ENCRYPT
    BlockVersion first_silicon = {};
    std::uint32_t crystal_mhz = 0;   // 0: to be measured,
    std::uint32_t uart_divider = 0;  // by this register, UART0's clock divider
    RtcWatchdog watchdog = {};
    SuperWatchdog super_watchdog = {};
    // Native USB (OTG, with the chip's id as product id): the largest block that its ROM and its
    // stub accept this way. 0: no such USB.
    std::uint32_t usb_block = 0;
    bool usb_serial_jtag = false;
    // For a chip that was reset into the loader through its own USB: the mark that keeps it there
    // over further resets through USB, and the level of its boot pin as EN rose (0: held low; only
    // a reset of the whole system samples it again).
    RegisterField force_download = {};
    RegisterField io0_strap = {};
    FlashSupply flash_supply = {};
    StubFiles stub = {};
    std::span<const FlashFrequency> flash_frequencies = {};
};

// A ROM word that differs from chip to chip; used where older chips have no better mark.
inline constexpr std::uint32_t chip_magic_register = 0x40001000;

[[nodiscard]] std::span<const Chip> chips();
[[nodiscard]] const Chip* chip_by_id(std::uint16_t id);
[[nodiscard]] const Chip* chip_by_key(std::string_view key);
[[nodiscard]] const Chip* chip_by_magic(std::uint32_t magic);

// The name of the stub's file without ".json"; empty: no stub runs on this silicon.
[[nodiscard]] std::string_view stub_name(const Chip& chip, std::uint16_t revision);

// Empty: the chip does not have that frequency.
[[nodiscard]] std::optional<std::uint8_t> flash_frequency_code(const Chip& chip,
                                                               std::string_view name);

}  // namespace imprint::loader
