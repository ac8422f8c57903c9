// The differences between simulated chips, as data: adding a chip is adding a row to the table in
// chip_model.cpp. The loader has a separate table of chips, written independently, so that a wrong
// number in either is noticed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::simulator {

// Some bits of an eFuse word. bits == 0: there are none.
struct EfuseField {
    std::uint32_t address = 0;
    std::uint8_t shift = 0;
    std::uint8_t bits = 0;
};

struct FixedWord {
    std::uint32_t address = 0;
    std::uint32_t value = 0;
};

struct RamRange {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
};

struct SpiRegisters {
    std::uint32_t command = 0;
    std::uint32_t user = 0;
    std::uint32_t user2 = 0;
    std::uint32_t miso_bits = 0;
    std::uint32_t word0 = 0;

    // The ESP32 has it behind the number of bits to read, the others in front of it.
    [[nodiscard]] std::uint32_t mosi_bits() const {
        return miso_bits == command + 0x2C ? command + 0x28 : command + 0x24;
    }
};

// The ROM's printed messages.
struct RomBanner {
    std::string_view name = {};      // the first lines
    std::string_view power_on = {};  // "rst:0x1 (POWERON)"
    std::string_view software = {};
    std::string_view watchdog = {};
    std::string_view from_flash = {};  // "boot:0xc (SPI_FAST_FLASH_BOOT)"
    std::string_view download = {};
    std::string_view mode = {};  // in front of "DIO, clock div:1" once there is an image
    unsigned clock_divider = 1;
};

// Memory addresses of the sample firmware.
struct CodeLayout {
    std::uint32_t constants = 0;  // mapped, as is
    std::uint32_t code = 0;       // this; both 20 bytes into a 64 KB page
    std::uint32_t data = 0;
    std::uint32_t fast_code = 0;
    std::array<std::uint32_t, 3> bootloader{};
    std::string_view flash_frequency = {};  // "80m"
    std::uint8_t flash_frequency_code = 0;
};

struct ChipModel {
    std::string_view key = {};   // "esp32s3"
    std::string_view name = {};  // "ESP32-S3"
    std::uint16_t id = 0;
    std::uint32_t magic = 0;  // what 0x40001000 reads as
    bool riscv = false;
    unsigned cores = 1;
    std::uint16_t revision = 0;  // a common revision, major × 100 + minor

    // --- the ROM's loader
    std::size_t security_info_size = 20;  // 0: it does not know the command
    std::size_t status_size = 4;
    // Minimum number of words that it accepts in FLASH_BEGIN and FLASH_DEFL_BEGIN.
    std::size_t least_begin_words = 5;
    std::size_t most_begin_words = 5;
    // What GET_SECURITY_INFO says in the place of a seventh key block, which no chip has.
    std::uint8_t seventh_purpose = 0;

    // --- registers
    std::uint32_t mac_register = 0;
    EfuseField major_low = {};
    EfuseField major_high = {};
    EfuseField minor_low = {};
    EfuseField minor_high = {};
    EfuseField encrypt_disabled = {};  // DIS_DOWNLOAD_MANUAL_ENCRYPT
    EfuseField secure_boot_enabled = {};
    EfuseField crypt_count = {};              // SPI_BOOT_CRYPT_CNT
    std::array<EfuseField, 2> purposes = {};  // of the first two key blocks
    std::uint32_t uart_divider = 0;
    SpiRegisters spi = {};
    std::span<const FixedWord> other = {};
    std::span<const RamRange> ram = {};
    std::uint32_t crystal_hz = 40'000'000;
    // The crystal that the ROM assumes when it calculates a rate.
    std::uint32_t rom_crystal_hz = 40'000'000;
    // The RTC watchdog's first register, which a host uses to reset the whole chip; 0: not
    // modelled. Source: ESP-IDF components/soc/<key>/register/soc/rtc_cntl_reg.h, lp_wdt_reg.h.
    std::uint32_t watchdog_config = 0;
    // On chips with their own USB, RTC_CNTL_OPTION1_REG: bit 0, which only a reset of the system
    // clears, keeps the ROM in its loader.
    std::uint32_t force_download = 0;
    // GPIO_STRAP_REG (gpio_reg.h there): bit 3 is the level of the boot pin when EN rose.
    std::uint32_t strap = 0;
    // If the ROM does not jump into RAM under secure boot: the word that READ_FLASH_SLOW calls
    // through. 0: it does jump.
    std::uint32_t secure_boot_hook = 0;
    bool has_serial_jtag = false;
    bool has_own_usb = false;
    // Its stub can address flash above 16 MB; a ROM's addresses have 24 bits.
    bool stub_addresses_32_bits = false;
    // The UART's clock once a stub has raised the chip's clock; 0: it remains the crystal.
    std::uint32_t stub_uart_hz = 0;

    // --- booting
    std::uint32_t bootloader_offset = 0;
    RomBanner banner = {};
    CodeLayout layout = {};

    // The rate of the ROM's messages, which is nominally 115200.
    [[nodiscard]] std::uint32_t banner_baud() const {
        return static_cast<std::uint32_t>(115200ULL * crystal_hz / rom_crystal_hz);
    }

    // Whether eFuse has enough bits for it.
    [[nodiscard]] bool can_be(std::uint16_t revision_number) const;

    [[nodiscard]] bool is_esp32() const { return id == 0; }
};

[[nodiscard]] std::span<const ChipModel> chip_models();

[[nodiscard]] const ChipModel& esp32_model();

// Error: chip_not_simulated (config), which lists the simulated ones.
[[nodiscard]] Result<const ChipModel*> find_chip_model(std::string_view key);

}  // namespace imprint::simulator
