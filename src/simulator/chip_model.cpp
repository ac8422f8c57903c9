// Sources, looked up for every row:
//   id, eFuse and SPI registers, UART divider, bootloader's offset, RAM (DRAM, IRAM, RTC_*):
//       esptool v5 esptool/targets/<key>.py (IMAGE_CHIP_ID, EFUSE_BASE and the get_* functions,
//       SPI_REG_BASE, UART_CLKDIV_REG, BOOTLOADER_FLASH_OFFSET, MEMORY_MAP)
//   magic: esp-serial-flasher src/esp_targets.c; the P4's, which has no ROM there, is what npm's
//       esptool-js 0.7.0 expects in lib/targets/esp32p4.js
//   security info's size: esp-stub-lib src/target/*/src/security.c, esptool
//       docs/en/advanced-topics/serial-protocol.rst
//   security's eFuses: EFUSE_SECURE_BOOT_EN_*, EFUSE_SPI_BOOT_CRYPT_CNT_*, EFUSE_PURPOSE_KEY0_* and
//       KEY1_* there
//   the seventh purpose: logs of blank boards, of C3s in public repositories, of a C6 v0.0 and an
//       H2 v0.2 in esp-rs/esp-flasher-stub's pull request 60
//   banners: logs in ESP-IDF docs/en (fatal-errors.rst, startup.rst and others), in esp-at
//       docs/en/Get_Started/Downloading_guide.rst and in public issue reports
//   load addresses: the same logs, and MEMORY_MAP
//   the UART's clock under a stub: esp-flasher-stub src/main.c (on which chips it is raised),
//       esp-stub-lib src/target/esp32/src/clock.c; the P4's rate is not known and left alone
//   the P4's UART: esp32p4.py, UART_DATE_REG_ADDR; its divider lies as on the others
#include "simulator/chip_model.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::simulator {

namespace {

constexpr std::uint32_t invalid_access = 0x0ADDBAD0;

constexpr std::array esp32_ram{RamRange{0x3FF80000, 0x3FF82000},   // RTC fast memory, data side
                               RamRange{0x3FFAE000, 0x40000000},   // SRAM 2 and 1, data side
                               RamRange{0x40070000, 0x400C2000},   // SRAM 0 and 1, RTC fast memory
                               RamRange{0x50000000, 0x50002000}};  // RTC slow memory
constexpr std::array s2_ram{RamRange{0x3FF9E000, 0x3FFA0000}, RamRange{0x3FFB0000, 0x40000000},
                            RamRange{0x40020000, 0x40072000}, RamRange{0x50000000, 0x50002000}};
constexpr std::array s3_ram{RamRange{0x3FC88000, 0x3FD00000}, RamRange{0x40370000, 0x403E0000},
                            RamRange{0x50000000, 0x50002000}, RamRange{0x600FE000, 0x60100000}};
constexpr std::array c3_ram{RamRange{0x3FC80000, 0x3FCE0000}, RamRange{0x4037C000, 0x403E0000},
                            RamRange{0x50000000, 0x50002000}};
constexpr std::array c2_ram{RamRange{0x3FCA0000, 0x3FCE0000}, RamRange{0x4037C000, 0x403C0000}};
constexpr std::array c6_ram{RamRange{0x40800000, 0x40880000}, RamRange{0x50000000, 0x50004000}};
constexpr std::array c5_ram{RamRange{0x40800000, 0x40860000}, RamRange{0x50000000, 0x50004000}};
constexpr std::array p4_ram{RamRange{0x4FF00000, 0x4FFC0000}, RamRange{0x50108000, 0x50110000}};

// What the ESP32's ROM takes for its crystal's frequency: it measures it against an RC oscillator
// whose own frequency is in an eFuse, and is 1 % off here, as a chip may be. The calibration's
// value × 15625 × CK8M_FREQ / 40 gives hertz.
constexpr std::uint32_t oscillator_frequency = 52;  // eFuse CK8M_FREQ
constexpr std::uint32_t calibration = 1950;
constexpr std::uint32_t esp32_rom_crystal = calibration * 15625ULL * oscillator_frequency / 40;
constexpr std::array esp32_words{// Package 1 is the D0WD; rated for 240 MHz.
                                 FixedWord{0x3FF5A00C, 1U << 9 | 1U << 13},
                                 FixedWord{0x3FF5A010, oscillator_frequency},
                                 FixedWord{0x3FF5A000, 0},
                                 FixedWord{0x3FF5A014, 0},
                                 FixedWord{0x3FF5A018, 0},
                                 FixedWord{0x3FF6607C, 0x16042000},  // SYSCON_DATE
                                 FixedWord{0x3FF5F06C, calibration << 7}};
// PCR_SYSCLK_CONF_REG: what the ROM takes the crystal for.
constexpr std::array c5_words{FixedWord{0x60096110, 48U << 24}};
constexpr std::array c6_words{FixedWord{0x600B0854, 0}};

constexpr SpiRegisters spi_at(std::uint32_t base) {
    return {base, base + 0x18, base + 0x20, base + 0x28, base + 0x58};
}

constexpr std::string_view rtc_software = "rst:0x3 (RTC_SW_SYS_RST)";
constexpr std::string_view rtc_watchdog = "rst:0x10 (RTCWDT_RTC_RST)";
constexpr std::string_view lp_software = "rst:0x3 (LP_SW_HPSYS)";
constexpr std::string_view lp_watchdog = "rst:0x10 (LP_WDT_SYS)";
constexpr std::string_view flash_0xc = "boot:0xc (SPI_FAST_FLASH_BOOT)";

constexpr std::array models{
    ChipModel{.key = "esp32",
              .name = "ESP32",
              .id = 0,
              .magic = 0x00F01D83,
              .cores = 2,
              .revision = 300,
              .security_info_size = 0,
              .least_begin_words = 4,
              .most_begin_words = 4,
              .mac_register = 0x3FF5A004,
              // The major revision is three bits in three places: Memory knows them.
              .minor_low = {0x3FF5A014, 24, 2},
              .uart_divider = 0x3FF40014,
              .spi = {0x3FF42000, 0x3FF4201C, 0x3FF42024, 0x3FF4202C, 0x3FF42080},
              .other = esp32_words,
              .ram = esp32_ram,
              .rom_crystal_hz = esp32_rom_crystal,
              .watchdog_config = 0x3FF4808C,
              .stub_uart_hz = 80'000'000,
              .bootloader_offset = 0x1000,
              // Its first line depends on the revision: see rom_banner().
              .banner = {.power_on = "rst:0x1 (POWERON_RESET)",
                         .software = "rst:0x3 (SW_RESET)",
                         .watchdog = "rst:0x10 (RTCWDT_RTC_RESET)",
                         .from_flash = "boot:0x13 (SPI_FAST_FLASH_BOOT)",
                         .download = "boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))",
                         .mode = "configsip: 0, SPIWP:0xee\r\nmode:",
                         .clock_divider = 2},
              .layout = {.constants = 0x3F400020,
                         .code = 0x400D0020,
                         .data = 0x3FFBDB60,
                         .fast_code = 0x40080000,
                         .bootloader = {0x3FFF0030, 0x40078000, 0x40080400},
                         .flash_frequency = "40m",
                         .flash_frequency_code = 0x0}},
    ChipModel{.key = "esp32s2",
              .name = "ESP32-S2",
              .id = 2,
              .magic = 0x000007C6,
              .revision = 100,
              .security_info_size = 12,
              .mac_register = 0x3F41A044,
              .major_low = {0x3F41A050, 18, 2},
              .minor_low = {0x3F41A054, 4, 3},
              .minor_high = {0x3F41A050, 20, 1},
              .encrypt_disabled = {0x3F41A030, 19, 1},
              .secure_boot_enabled = {0x3F41A038, 20, 1},
              .crypt_count = {0x3F41A034, 18, 3},
              .purposes = {{{0x3F41A034, 24, 4}, {0x3F41A034, 28, 4}}},
              .uart_divider = 0x3F400014,
              .spi = spi_at(0x3F402000),
              .ram = s2_ram,
              .watchdog_config = 0x3F408094,
              .force_download = 0x3F408128,
              .strap = 0x3F404038,
              .has_own_usb = true,
              .stub_uart_hz = 80'000'000,
              .bootloader_offset = 0x1000,
              .banner = {.name = "ESP-ROM:esp32s2-rc4-20191025\r\nBuild:Oct 25 2019\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = rtc_software,
                         .watchdog = rtc_watchdog,
                         .from_flash = "boot:0x8 (SPI_FAST_FLASH_BOOT)",
                         .download = "boot:0x0 (DOWNLOAD(USB/UART0/1/SPI))",
                         .mode = "SPIWP:0xee\r\nmode:"},
              .layout = {.constants = 0x3F000020,
                         .code = 0x40080020,
                         .data = 0x3FFBE150,
                         .fast_code = 0x40024000,
                         .bootloader = {0x3FFE6100, 0x4004C000, 0x40050000},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
    ChipModel{.key = "esp32s3",
              .name = "ESP32-S3",
              .id = 9,
              .magic = 0x00000009,
              .cores = 2,
              .revision = 2,
              .mac_register = 0x60007044,
              .major_low = {0x60007058, 24, 2},
              .minor_low = {0x60007050, 18, 3},
              .minor_high = {0x60007058, 23, 1},
              .encrypt_disabled = {0x60007030, 20, 1},
              .secure_boot_enabled = {0x60007038, 20, 1},
              .crypt_count = {0x60007034, 18, 3},
              .purposes = {{{0x60007034, 24, 4}, {0x60007034, 28, 4}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60002000),
              .ram = s3_ram,
              .watchdog_config = 0x60008098,
              .force_download = 0x6000812C,
              .strap = 0x60004038,
              .secure_boot_hook = 0x3FCEF688,
              .has_serial_jtag = true,
              .has_own_usb = true,
              .stub_addresses_32_bits = true,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = rtc_software,
                         .watchdog = rtc_watchdog,
                         .from_flash = "boot:0x8 (SPI_FAST_FLASH_BOOT)",
                         .download = "boot:0x0 (DOWNLOAD(USB/UART0))",
                         .mode = "SPIWP:0xee\r\nmode:"},
              .layout = {.constants = 0x3C0C0020,
                         .code = 0x42000020,
                         .data = 0x3FC93B00,
                         .fast_code = 0x40374000,
                         .bootloader = {0x3FCE3810, 0x403C9700, 0x403CC700},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
    ChipModel{.key = "esp32c3",
              .name = "ESP32-C3",
              .id = 5,
              .magic = 0x1B31506F,
              .riscv = true,
              .revision = 4,
              .seventh_purpose = 12,
              .mac_register = 0x60008844,
              .major_low = {0x60008858, 24, 2},
              .minor_low = {0x60008850, 18, 3},
              .minor_high = {0x60008858, 23, 1},
              .encrypt_disabled = {0x60008830, 20, 1},
              .secure_boot_enabled = {0x60008838, 20, 1},
              .crypt_count = {0x60008834, 18, 3},
              .purposes = {{{0x60008834, 24, 4}, {0x60008834, 28, 4}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60002000),
              .ram = c3_ram,
              .watchdog_config = 0x60008090,
              .strap = 0x60004038,
              .has_serial_jtag = true,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = rtc_software,
                         .watchdog = rtc_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(USB/UART0/1))",
                         .mode = "SPIWP:0xee\r\nmode:"},
              .layout = {.constants = 0x3C0C0020,
                         .code = 0x42000020,
                         .data = 0x3FC8D400,
                         .fast_code = 0x40380000,
                         .bootloader = {0x3FCD6100, 0x403CE000, 0x403D0000},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
    // With the crystal that most of its modules have, and which its ROM does not reckon with.
    ChipModel{.key = "esp32c2",
              .name = "ESP32-C2",
              .id = 12,
              .magic = 0x7C41A06F,
              .riscv = true,
              .revision = 102,
              .mac_register = 0x60008840,
              .major_low = {0x60008844, 20, 2},
              .minor_low = {0x60008844, 16, 4},
              .encrypt_disabled = {0x60008830, 6, 1},
              .secure_boot_enabled = {0x60008830, 21, 1},
              .crypt_count = {0x60008830, 7, 3},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60002000),
              .ram = c2_ram,
              .crystal_hz = 26'000'000,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp8684-api2-20220127\r\nBuild:Jan 27 2022\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = rtc_software,
                         .watchdog = rtc_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(UART0))",
                         .mode = "SPIWP:0xee\r\nmode:"},
              .layout = {.constants = 0x3C0C0020,
                         .code = 0x42000020,
                         .data = 0x3FCA8000,
                         .fast_code = 0x40380000,
                         .bootloader = {0x3FCD6108, 0x403AE000, 0x403B0000},
                         .flash_frequency = "60m",
                         .flash_frequency_code = 0xF}},
    // esptool-js sends the ROMs of this and the following chips four words, and everybody else
    // five: both are taken.
    ChipModel{.key = "esp32c6",
              .name = "ESP32-C6",
              .id = 13,
              .magic = 0x2CE0806F,
              .riscv = true,
              .revision = 1,
              .least_begin_words = 4,
              .seventh_purpose = 12,
              .mac_register = 0x600B0844,
              .major_low = {0x600B0850, 22, 2},
              .minor_low = {0x600B0850, 18, 4},
              .encrypt_disabled = {0x600B0830, 20, 1},
              .secure_boot_enabled = {0x600B0838, 20, 1},
              .crypt_count = {0x600B0834, 18, 3},
              .purposes = {{{0x600B0834, 24, 4}, {0x600B0834, 28, 4}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60003000),
              .other = c6_words,
              .ram = c6_ram,
              .strap = 0x60091038,
              .has_serial_jtag = true,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp32c6-20220919\r\nBuild:Sep 19 2022\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = lp_software,
                         .watchdog = lp_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(USB/UART0/SDIO_FEI_FEO))",
                         .mode = "SPIWP:0xee\r\nmode:",
                         .clock_divider = 2},
              .layout = {.constants = 0x420C0020,
                         .code = 0x42000020,
                         .data = 0x40810000,
                         .fast_code = 0x40800000,
                         .bootloader = {0x4086C410, 0x4086E610, 0x40875000},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0x0}},
    ChipModel{.key = "esp32h2",
              .name = "ESP32-H2",
              .id = 16,
              .magic = 0xD7B73E80,
              .riscv = true,
              .revision = 102,
              .least_begin_words = 4,
              .seventh_purpose = 12,
              .mac_register = 0x600B0844,
              .major_low = {0x600B0850, 21, 2},
              .minor_low = {0x600B0850, 18, 3},
              .encrypt_disabled = {0x600B0830, 20, 1},
              .secure_boot_enabled = {0x600B0838, 20, 1},
              .crypt_count = {0x600B0834, 18, 3},
              .purposes = {{{0x600B0834, 24, 4}, {0x600B0834, 28, 4}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60003000),
              .ram = c6_ram,
              .crystal_hz = 32'000'000,
              .rom_crystal_hz = 32'000'000,
              .strap = 0x60091038,
              .has_serial_jtag = true,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp32h2-20221101\r\nBuild:Nov  1 2022\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = lp_software,
                         .watchdog = lp_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(USB/UART0))",
                         .mode = "SPIWP:0xee\r\nmode:"},
              .layout = {.constants = 0x420C0020,
                         .code = 0x42000020,
                         .data = 0x40810000,
                         .fast_code = 0x40800000,
                         .bootloader = {0x408460E0, 0x4083CAD0, 0x4083EFD0},
                         .flash_frequency = "48m",
                         .flash_frequency_code = 0xF}},
    ChipModel{.key = "esp32c5",
              .name = "ESP32-C5",
              .id = 23,
              .magic = 0x5FD1406F,
              .riscv = true,
              .revision = 100,
              .least_begin_words = 4,
              .mac_register = 0x600B4844,
              .major_low = {0x600B484C, 4, 2},
              .minor_low = {0x600B484C, 0, 4},
              .encrypt_disabled = {0x600B4830, 20, 1},
              .secure_boot_enabled = {0x600B4838, 25, 1},
              .crypt_count = {0x600B4834, 16, 3},
              .purposes = {{{0x600B4834, 22, 5}, {0x600B4834, 27, 5}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60003000),
              .other = c5_words,
              .ram = c5_ram,
              .crystal_hz = 48'000'000,
              .rom_crystal_hz = 48'000'000,
              .watchdog_config = 0x600B1C00,
              .strap = 0x60091000,
              .has_serial_jtag = true,
              .stub_addresses_32_bits = true,
              .bootloader_offset = 0x2000,
              .banner = {.name = "ESP-ROM:esp32c5-eco2-20250121\r\nBuild:Jan 21 2025\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = "rst:0x3 (RTC_SW_HPSYS)",
                         .watchdog = lp_watchdog,
                         .from_flash = "boot:0x18 (SPI_FAST_FLASH_BOOT)",
                         .download = "boot:0x14 (DOWNLOAD(USB/UART0))",
                         .mode = "SPI mode:"},
              .layout = {.constants = 0x420C0020,
                         .code = 0x42000020,
                         .data = 0x40810000,
                         .fast_code = 0x40800000,
                         .bootloader = {0x408556B0, 0x4084BBA0, 0x4084E5A0},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
    ChipModel{.key = "esp32c61",
              .name = "ESP32-C61",
              .id = 20,
              .magic = 0x7211606F,
              .riscv = true,
              .revision = 100,
              .least_begin_words = 4,
              .mac_register = 0x600B4844,
              .major_low = {0x600B484C, 4, 2},
              .minor_low = {0x600B484C, 0, 4},
              .encrypt_disabled = {0x600B4830, 14, 1},
              .secure_boot_enabled = {0x600B4834, 26, 1},
              .crypt_count = {0x600B4830, 23, 3},
              .purposes = {{{0x600B4834, 0, 4}, {0x600B4834, 4, 4}}},
              .uart_divider = 0x60000014,
              .spi = spi_at(0x60003000),
              .ram = c5_ram,
              .watchdog_config = 0x600B1C00,
              .strap = 0x60091000,
              .has_serial_jtag = true,
              .stub_addresses_32_bits = true,
              .bootloader_offset = 0,
              .banner = {.name = "ESP-ROM:esp32c61-eco3-20250228\r\nBuild:Feb 28 2025\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = "rst:0x3 (RTC_SW_HPSYS)",
                         .watchdog = lp_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(UART0))",
                         .mode = "SPI mode:"},
              .layout = {.constants = 0x420C0020,
                         .code = 0x42000020,
                         .data = 0x40810000,
                         .fast_code = 0x40800000,
                         .bootloader = {0x40845C00, 0x4083BD70, 0x4083EA70},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
    ChipModel{.key = "esp32p4",
              .name = "ESP32-P4",
              .id = 18,
              .magic = invalid_access,
              .riscv = true,
              .cores = 2,
              .revision = 300,
              .least_begin_words = 4,
              .mac_register = 0x5012D044,
              .major_low = {0x5012D04C, 4, 2},
              .major_high = {0x5012D04C, 23, 1},
              .minor_low = {0x5012D04C, 0, 4},
              .encrypt_disabled = {0x5012D030, 20, 1},
              .secure_boot_enabled = {0x5012D038, 20, 1},
              .crypt_count = {0x5012D034, 18, 3},
              .purposes = {{{0x5012D034, 24, 4}, {0x5012D034, 28, 4}}},
              .uart_divider = 0x500CA014,
              .spi = spi_at(0x5008D000),
              .ram = p4_ram,
              .watchdog_config = 0x50116000,
              .strap = 0x500E0038,
              .has_serial_jtag = true,
              .stub_addresses_32_bits = true,
              .bootloader_offset = 0x2000,
              .banner = {.name = "ESP-ROM:esp32p4-eco5-20250430\r\nBuild:Apr 30 2025\r\n",
                         .power_on = "rst:0x1 (POWERON)",
                         .software = "rst:0x3 (SW_SYS_RESET)",
                         .watchdog = lp_watchdog,
                         .from_flash = flash_0xc,
                         .download = "boot:0x4 (DOWNLOAD(USB/UART0/SPI))",
                         .mode = "SPI mode:"},
              .layout = {.constants = 0x400C0020,
                         .code = 0x40000020,
                         .data = 0x4FF10000,
                         .fast_code = 0x4FF00000,
                         .bootloader = {0x4FF33CE0, 0x4FF29ED0, 0x4FF2CBD0},
                         .flash_frequency = "80m",
                         .flash_frequency_code = 0xF}},
};

}  // namespace

bool ChipModel::can_be(std::uint16_t revision_number) const {
    const unsigned major_limit = is_esp32() ? 4 : 1U << (major_low.bits + major_high.bits);
    const unsigned minor_limit = 1U << (minor_low.bits + minor_high.bits);
    return revision_number / 100U < major_limit && revision_number % 100U < minor_limit;
}

std::span<const ChipModel> chip_models() {
    return models;
}

const ChipModel& esp32_model() {
    return models.front();
}

Result<const ChipModel*> find_chip_model(std::string_view key) {
    const auto* found = std::ranges::find(models, key, &ChipModel::key);
    if (found != models.end()) return found;
    std::string known;
    for (const ChipModel& model : models)
        known += fmt::format("{}{}", known.empty() ? "" : ", ", model.key);
    return fail(ErrorKind::config, "chip_not_simulated",
                fmt::format("there is no simulated {}", key), "there are " + known);
}

}  // namespace imprint::simulator
