// Sources, looked up for every row; esptool is v5, esptool/targets/<key>.py unless it says else:
//   id, MAC register, SPI base    IMAGE_CHIP_ID, MAC_EFUSE_REG, SPI_REG_BASE, SPI_*_OFFS
//   bootloader's offset           BOOTLOADER_FLASH_OFFSET
//   revision                      get_major_chip_version, get_minor_chip_version
//   key blocks                    EFUSE_MAX_KEY, KEY_PURPOSES
//   encrypted writes              EFUSE_DIS_DOWNLOAD_MANUAL_ENCRYPT
//   crystal                       get_crystal_freq, UART_CLKDIV_REG
//   RTC watchdog                  RTC_CNTL_WDTCONFIG0_REG … WDTWPROTECT_REG, watchdog_reset
//   super watchdog                RTC_CNTL_SWD_*, disable_watchdogs
//   USB                           USB_RAM_BLOCK, uses_usb_jtag_serial, GPIO_STRAP_REG,
//                                 RTC_CNTL_OPTION1_REG, hard_reset
//   boot pin as EN rose           GPIO_STRAP_REG; of C3, C5 and C61 ESP-IDF
//                                 components/soc/<key>/register/soc/gpio_reg.h and reg_base.h
//   flash frequencies             FLASH_FREQUENCY
//   stub with 32-bit addresses   docs/en/troubleshooting.rst, "Flash and External Memory Support
//                                 Limitations"; esptool/__init__.py, check_flash_size
//   magics                        esp-serial-flasher src/esp_targets.c; for C5 and C61 also
//                                 npm's esptool-js 0.7.0 lib/targets/<key>.js
// The ESP8266 is left out: no eFuse MAC of this form, no SPI_ATTACH, no compressed writing and no
// MD5 in its ROM, status bytes and RAM loading of its own. That is more than a row.
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
constexpr std::array esp32c5_magics{0x1101406FU, 0x5FD1406FU, 0x63E1406FU, 0x30E1706FU};
constexpr std::array esp32c61_magics{0x7211606FU, 0x33F0206FU, 0x2421606FU};

constexpr std::array common_frequencies{FlashFrequency{"80m", 0xF}, FlashFrequency{"40m", 0x0},
                                        FlashFrequency{"26m", 0x1}, FlashFrequency{"20m", 0x2}};
constexpr std::array c2_frequencies{FlashFrequency{"60m", 0xF}, FlashFrequency{"30m", 0x0},
                                    FlashFrequency{"20m", 0x1}, FlashFrequency{"15m", 0x2}};
constexpr std::array c5_frequencies{FlashFrequency{"80m", 0xF}, FlashFrequency{"40m", 0x0},
                                    FlashFrequency{"20m", 0x2}};
// The C6's ROM sets a wrong divider for F: 80 MHz is written as 40, and the second stage raises it.
constexpr std::array c6_frequencies{FlashFrequency{"80m", 0x0}, FlashFrequency{"40m", 0x0},
                                    FlashFrequency{"20m", 0x2}};
constexpr std::array h2_frequencies{FlashFrequency{"48m", 0xF}, FlashFrequency{"24m", 0x0},
                                    FlashFrequency{"16m", 0x1}, FlashFrequency{"12m", 0x2}};

// esptool's watchdog_reset: on, stage 0 resets the system with its RTC, both reset lengths.
constexpr std::uint32_t watchdog_resets_all = 1U << 31 | 5U << 28 | 1U << 8 | 2U;

// RTC_CNTL of S3 and C3; LP_WDT of the later ones, whose key is the RTC watchdog's.
constexpr std::uint32_t rtc_super_key = 0x8F1D312A;
constexpr std::uint32_t rtc_feeds_itself = 1U << 31;
constexpr std::uint32_t lp_feeds_itself = 1U << 18;

// LP_WDT, which C6, C5 and C61 have alike.
constexpr RtcWatchdog lp_watchdog(std::uint32_t enable) {
    return {.config0 = 0x600B1C00, .config1 = 0x600B1C04, .protect = 0x600B1C18, .enable = enable};
}

constexpr SuperWatchdog lp_super_watchdog{.config = 0x600B1C1C,
                                          .feeds_itself = lp_feeds_itself,
                                          .protect = 0x600B1C20,
                                          .key = rtc_watchdog_key};

// esptool esp32p4.py, power_on_flash: LP_SYSTEM_REG_ANA_XPD_PAD_GROUP_REG, PMU_EXT_LDO_P0_0P1A_ANA
// and PMU_EXT_LDO_P0_0P1A, PMU_DATE.
constexpr std::uint32_t p4_pad_group = 0x5011010C;
constexpr std::uint32_t p4_ldo_analog = 0x501151BC;
constexpr std::uint32_t p4_ldo = 0x501151B8;
constexpr std::uint32_t p4_pmu_date = 0x501153FC;
constexpr std::uint32_t p4_current_limit = 1U << 27;
constexpr std::uint32_t p4_tie_high = 1U << 7;
constexpr std::uint32_t p4_target = 0xFFU << 23;
constexpr std::uint32_t p4_flash_forced_on = 3;
constexpr std::array p4_flash_supply{
    RegisterStep{p4_pad_group, 0xFFFFFFFF, 1, 10},
    RegisterStep{p4_ldo_analog, 0, p4_current_limit},
    RegisterStep{p4_ldo, 0, p4_tie_high},
    RegisterStep{p4_pmu_date, 0, p4_flash_forced_on, 1},
    RegisterStep{p4_ldo_analog, p4_current_limit, 0},
    RegisterStep{p4_ldo, p4_target, 0},
    RegisterStep{p4_ldo, 0, 0x80},
    RegisterStep{p4_ldo, p4_tie_high, 0, 2},
};

constexpr SplitField field(std::uint32_t address, std::uint8_t shift, std::uint8_t bits) {
    return {{address, shift, bits}, {}};
}

constexpr std::array<Chip, 10> table{
    Chip{.name = "ESP32",
         .key = "esp32",
         .id = 0,
         .magics = esp32_magics,
         .mac_register = 0x3FF5A004,
         .bootloader_offset = 0x1000,
         .mac_has_crc = true,
         .tells_security = false,
         .tells_chip_id = false,
         .key_blocks = 0,
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
                      .enable = 1U << 31 | 4U << 28 | 1U << 14 | 1U << 11},
         .flash_frequencies = common_frequencies},
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
         .encrypted_writes_disabled = {0x3F41A030, 19, 1},
         .crystal_mhz = 40,
         .watchdog = {.config0 = 0x3F408094,
                      .config1 = 0x3F408098,
                      .protect = 0x3F4080AC,
                      .enable = watchdog_resets_all},
         .usb_block = 0x800,
         .force_download = {0x3F408128, 0, 1},
         .io0_strap = {0x3F404038, 3, 1},
         .flash_frequencies = common_frequencies},
    Chip{.name = "ESP32-S3",
         .key = "esp32s3",
         .id = 9,
         .magics = esp32s3_magics,
         .mac_register = 0x60007044,
         .bootloader_offset = 0,
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60007058, 24, 2),
         .revision_minor = {{0x60007050, 18, 3}, {0x60007058, 23, 1}},
         // esp32s3.py, is_eco0: BLK_VERSION_MAJOR and _MINOR.
         .encrypted_writes_disabled = {0x60007030, 20, 1},
         .first_silicon = {.major = {0x6000706C, 0, 2}, .minor = {0x60007050, 24, 3}},
         .crystal_mhz = 40,
         .watchdog = {.config0 = 0x60008098,
                      .config1 = 0x6000809C,
                      .protect = 0x600080B0,
                      .enable = watchdog_resets_all},
         .super_watchdog = {.config = 0x600080B4,
                            .feeds_itself = rtc_feeds_itself,
                            .protect = 0x600080B8,
                            .key = rtc_super_key},
         .usb_block = 0x800,
         .usb_serial_jtag = true,
         .force_download = {0x6000812C, 0, 1},
         .io0_strap = {0x60004038, 3, 1},
         // esptool esptool/loader.py, run_stub: rom_spiflash_legacy_funcs' read.
         .stub = {.addresses_32_bits = true, .secure_boot_hook = 0x3FCEF688},
         .flash_frequencies = common_frequencies},
    Chip{.name = "ESP32-C3",
         .key = "esp32c3",
         .id = 5,
         .magics = esp32c3_magics,
         .mac_register = 0x60008844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60008858, 24, 2),
         .revision_minor = {{0x60008850, 18, 3}, {0x60008858, 23, 1}},
         .encrypted_writes_disabled = {0x60008830, 20, 1},
         .crystal_mhz = 40,
         .watchdog = {.config0 = 0x60008090,
                      .config1 = 0x60008094,
                      .protect = 0x600080A8,
                      .enable = watchdog_resets_all},
         .super_watchdog = {.config = 0x600080AC,
                            .feeds_itself = rtc_feeds_itself,
                            .protect = 0x600080B0,
                            .key = rtc_super_key},
         .usb_serial_jtag = true,
         .io0_strap = {0x60004038, 3, 1},
         .flash_frequencies = common_frequencies},
    Chip{.name = "ESP32-C2",
         .key = "esp32c2",
         .id = 12,
         .magics = esp32c2_magics,
         .mac_register = 0x60008840,
         .bootloader_offset = 0,
         .key_blocks = 0,
         // change_baud: with its usual 26 MHz crystal the ROM still reckons with 40.
         .rom_crystal = {.mhz = 40},
         .spi = {.base = 0x60002000},
         .revision_major = field(0x60008844, 20, 2),
         .revision_minor = field(0x60008844, 16, 4),
         .encrypted_writes_disabled = {0x60008830, 6, 1},
         .crystal_mhz = 0,
         .uart_divider = 0x60000014,
         .watchdog = {.config0 = 0x60008084,
                      .config1 = 0x60008088,
                      .protect = 0x6000809C,
                      .enable = watchdog_resets_all},
         // _post_connect: revision 0.0 has the stub switched off.
         .stub = {.from_revision = 1},
         .flash_frequencies = c2_frequencies},
    Chip{.name = "ESP32-C6",
         .key = "esp32c6",
         .id = 13,
         .magics = esp32c6_magics,
         .mac_register = 0x600B0844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B0850, 22, 2),
         .revision_minor = field(0x600B0850, 18, 4),
         .encrypted_writes_disabled = {0x600B0830, 20, 1},
         .crystal_mhz = 40,
         .watchdog = lp_watchdog(0),
         .super_watchdog = lp_super_watchdog,
         .usb_serial_jtag = true,
         .flash_frequencies = c6_frequencies},
    Chip{.name = "ESP32-H2",
         .key = "esp32h2",
         .id = 16,
         .magics = esp32h2_magics,
         .mac_register = 0x600B0844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B0850, 21, 2),
         .revision_minor = field(0x600B0850, 18, 3),
         .encrypted_writes_disabled = {0x600B0830, 20, 1},
         .crystal_mhz = 32,
         // LP_WDT too, but with one stage's register more in front of the protection.
         .watchdog =
             {.config0 = 0x600B1C00, .config1 = 0x600B1C04, .protect = 0x600B1C1C, .enable = 0},
         .super_watchdog = {.config = 0x600B1C20,
                            .feeds_itself = lp_feeds_itself,
                            .protect = 0x600B1C24,
                            .key = rtc_watchdog_key},
         .usb_serial_jtag = true,
         .flash_frequencies = h2_frequencies},
    Chip{.name = "ESP32-C5",
         .key = "esp32c5",
         .id = 23,
         .magics = esp32c5_magics,
         .mac_register = 0x600B4844,
         .bootloader_offset = 0x2000,
         // change_baud: PCR_SYSCLK_CONF_REG holds what the ROM takes the crystal for, 40 or 48.
         .rom_crystal = {.told = {0x60096110, 24, 7}},
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B484C, 4, 2),
         .revision_minor = field(0x600B484C, 0, 4),
         .encrypted_writes_disabled = {0x600B4830, 20, 1},
         .crystal_mhz = 0,
         .uart_divider = 0x60000014,
         .watchdog = lp_watchdog(watchdog_resets_all),
         .super_watchdog = lp_super_watchdog,
         .usb_serial_jtag = true,
         .io0_strap = {0x60091000, 3, 1},
         .stub = {.addresses_32_bits = true},
         .flash_frequencies = c5_frequencies},
    Chip{.name = "ESP32-C61",
         .key = "esp32c61",
         .id = 20,
         .magics = esp32c61_magics,
         .mac_register = 0x600B4844,
         .bootloader_offset = 0,
         .spi = {.base = 0x60003000},
         .revision_major = field(0x600B484C, 4, 2),
         .revision_minor = field(0x600B484C, 0, 4),
         .encrypted_writes_disabled = {0x600B4830, 14, 1},
         .crystal_mhz = 40,
         .watchdog = lp_watchdog(watchdog_resets_all),
         .super_watchdog = lp_super_watchdog,
         .usb_serial_jtag = true,
         .io0_strap = {0x60091000, 3, 1},
         .stub = {.addresses_32_bits = true},
         .flash_frequencies = c5_frequencies},
    Chip{.name = "ESP32-P4",
         .key = "esp32p4",
         .id = 18,
         .magics = {},
         .mac_register = 0x5012D044,
         .bootloader_offset = 0x2000,
         .spi = {.base = 0x5008D000},
         .revision_major = {{0x5012D04C, 4, 2}, {0x5012D04C, 23, 1}},
         .revision_minor = field(0x5012D04C, 0, 4),
         .encrypted_writes_disabled = {0x5012D030, 20, 1},
         .crystal_mhz = 40,
         .watchdog = {.config0 = 0x50116000,
                      .config1 = 0x50116004,
                      .protect = 0x50116018,
                      .enable = watchdog_resets_all},
         .super_watchdog = {.config = 0x5011601C,
                            .feeds_itself = lp_feeds_itself,
                            .protect = 0x50116020,
                            .key = rtc_watchdog_key},
         .usb_block = 0x800,
         .usb_serial_jtag = true,
         .io0_strap = {0x500E0038, 3, 1},
         .flash_supply = {.first_revision = 301,
                          .last_revision = 302,
                          .steps = p4_flash_supply,
                          .automatic_from = 302,
                          .automatic = {0x5012D034, 16, 1},
                          .left_over = {p4_pmu_date, p4_flash_forced_on, 0}},
         .stub = {.former_below = 300, .former_name = "esp32p4-rev1", .addresses_32_bits = true},
         .flash_frequencies = common_frequencies},
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

std::string_view stub_name(const Chip& chip, std::uint16_t revision) {
    if (revision < chip.stub.from_revision) return {};
    return revision < chip.stub.former_below ? chip.stub.former_name : chip.key;
}

std::optional<std::uint8_t> flash_frequency_code(const Chip& chip, std::string_view name) {
    const auto found = std::ranges::find(chip.flash_frequencies, name, &FlashFrequency::name);
    if (found == chip.flash_frequencies.end()) return std::nullopt;
    return found->code;
}

}  // namespace imprint::loader
