#include "loader/chip.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "loader/flash_size.h"

namespace imprint::loader {
namespace {

// Written down apart from the table, from esptool's esptool/targets/*.py and esp-serial-flasher's
// src/esp_targets.c.
struct Vector {
    const char* key;
    std::uint16_t id;
    std::uint32_t one_magic;  // 0: none
    std::uint32_t mac_register;
    std::uint32_t bootloader;
    std::uint32_t spi_base;
    std::uint32_t crystal;         // MHz; 0: measured
    std::uint32_t watchdog;        // RTC_CNTL_WDTCONFIG0_REG
    std::uint32_t protection;      // RTC_CNTL_WDTWPROTECT_REG
    std::uint32_t super_watchdog;  // RTC_CNTL_SWD_CONF_REG; 0: none
    std::uint32_t usb_block;       // USB_RAM_BLOCK
    const char* frequencies;       // with their codes
};

void PrintTo(const Vector& vector, std::ostream* out) {
    *out << vector.key;
}

constexpr const char* usual = "80m=15 40m=0 26m=1 20m=2";
constexpr const char* without_26 = "80m=15 40m=0 20m=2";

constexpr Vector vectors[] = {
    {"esp32", 0, 0x00F01D83, 0x3FF5A004, 0x1000, 0x3FF42000, 0, 0x3FF4808C, 0x3FF480A4, 0, 0,
     usual},
    {"esp32s2", 2, 0x000007C6, 0x3F41A044, 0x1000, 0x3F402000, 40, 0x3F408094, 0x3F4080AC, 0, 0x800,
     usual},
    {"esp32s3", 9, 0x00000009, 0x60007044, 0x0, 0x60002000, 40, 0x60008098, 0x600080B0, 0x600080B4,
     0x800, usual},
    {"esp32c3", 5, 0x4881606F, 0x60008844, 0x0, 0x60002000, 40, 0x60008090, 0x600080A8, 0x600080AC,
     0, usual},
    {"esp32c2", 12, 0x0C21E06F, 0x60008840, 0x0, 0x60002000, 0, 0x60008084, 0x6000809C, 0, 0,
     "60m=15 30m=0 20m=1 15m=2"},
    {"esp32c6", 13, 0x2CE0806F, 0x600B0844, 0x0, 0x60003000, 40, 0x600B1C00, 0x600B1C18, 0x600B1C1C,
     0, "80m=0 40m=0 20m=2"},
    {"esp32h2", 16, 0xD7B73E80, 0x600B0844, 0x0, 0x60003000, 32, 0x600B1C00, 0x600B1C1C, 0x600B1C20,
     0, "48m=15 24m=0 16m=1 12m=2"},
    {"esp32c5", 23, 0x5FD1406F, 0x600B4844, 0x2000, 0x60003000, 0, 0x600B1C00, 0x600B1C18,
     0x600B1C1C, 0, without_26},
    {"esp32c61", 20, 0x7211606F, 0x600B4844, 0x0, 0x60003000, 40, 0x600B1C00, 0x600B1C18,
     0x600B1C1C, 0, without_26},
    {"esp32p4", 18, 0, 0x5012D044, 0x2000, 0x5008D000, 40, 0x50116000, 0x50116018, 0x5011601C,
     0x800, usual},
};

class ChipRow : public ::testing::TestWithParam<Vector> {};

TEST_P(ChipRow, holds_the_published_facts) {
    const Vector& vector = GetParam();
    const Chip* chip = chip_by_key(vector.key);
    ASSERT_NE(chip, nullptr);
    EXPECT_EQ(chip->id, vector.id);
    EXPECT_EQ(chip->mac_register, vector.mac_register);
    EXPECT_EQ(chip->bootloader_offset, vector.bootloader);
    EXPECT_EQ(chip->spi.base, vector.spi_base);
    EXPECT_EQ(chip->crystal_mhz, vector.crystal);
    EXPECT_EQ(chip->watchdog.config0, vector.watchdog);
    EXPECT_EQ(chip->watchdog.config1, vector.watchdog + 4);
    EXPECT_EQ(chip->watchdog.protect, vector.protection);
    EXPECT_EQ(chip->super_watchdog.config, vector.super_watchdog);
    EXPECT_EQ(chip->usb_serial_jtag, vector.super_watchdog != 0);
    if (vector.super_watchdog != 0) {
        EXPECT_EQ(chip->super_watchdog.protect, vector.super_watchdog + 4);
        EXPECT_NE(chip->super_watchdog.feeds_itself, 0U);
        EXPECT_NE(chip->super_watchdog.key, 0U);
    }
    EXPECT_EQ(chip->usb_block, vector.usb_block);
    std::string frequencies;
    for (const FlashFrequency& one : chip->flash_frequencies)
        frequencies += fmt::format("{}{}={}", frequencies.empty() ? "" : " ", one.name, one.code);
    EXPECT_EQ(frequencies, vector.frequencies);
    EXPECT_EQ(chip_by_id(vector.id), chip);
    const Chip* marked = vector.one_magic == 0 ? chip : chip_by_magic(vector.one_magic);
    EXPECT_EQ(marked, chip);
}

INSTANTIATE_TEST_SUITE_P(Chips, ChipRow, ::testing::ValuesIn(vectors),
                         [](const auto& one) { return std::string(one.param.key); });

TEST(ChipTable, has_a_vector_for_every_row) {
    EXPECT_EQ(chips().size(), std::size(vectors));
}

TEST(ChipTable, knows_which_stub_suits_which_silicon) {
    EXPECT_EQ(stub_name(*chip_by_key("esp32s3"), 2), "esp32s3");
    EXPECT_EQ(stub_name(*chip_by_key("esp32c2"), 0), "");
    EXPECT_EQ(stub_name(*chip_by_key("esp32c2"), 100), "esp32c2");
    EXPECT_EQ(stub_name(*chip_by_key("esp32p4"), 103), "esp32p4-rev1");
    EXPECT_EQ(stub_name(*chip_by_key("esp32p4"), 300), "esp32p4");
}

// esptool's watchdog_reset: C6 and H2 have none of their own and are only reset by their lines.
TEST(ChipTable, knows_whom_a_watchdog_restarts) {
    for (const Chip& chip : chips())
        EXPECT_EQ(chip.watchdog.enable == 0, chip.key == "esp32c6" || chip.key == "esp32h2")
            << chip.name;
}

// EFUSE_MAX_KEY of the chips whose key blocks have purposes.
TEST(ChipTable, knows_how_many_key_blocks_have_a_purpose) {
    for (const Chip& chip : chips())
        EXPECT_EQ(chip.key_blocks, chip.key == "esp32" || chip.key == "esp32c2" ? 0U : 6U)
            << chip.name;
}

// EFUSE_DIS_DOWNLOAD_MANUAL_ENCRYPT_REG and its bit.
TEST(ChipTable, knows_where_the_loaders_encryption_is_disabled) {
    struct Fuse {
        const char* key;
        std::uint32_t address;
        unsigned bit;
    };

    for (const Fuse& fuse : {Fuse{"esp32s2", 0x3F41A030, 19}, Fuse{"esp32s3", 0x60007030, 20},
                             Fuse{"esp32c3", 0x60008830, 20}, Fuse{"esp32c2", 0x60008830, 6},
                             Fuse{"esp32c6", 0x600B0830, 20}, Fuse{"esp32h2", 0x600B0830, 20},
                             Fuse{"esp32c5", 0x600B4830, 20}, Fuse{"esp32c61", 0x600B4830, 14},
                             Fuse{"esp32p4", 0x5012D030, 20}}) {
        const RegisterField& field = chip_by_key(fuse.key)->encrypted_writes_disabled;
        EXPECT_EQ(field.address, fuse.address) << fuse.key;
        EXPECT_EQ(field.shift, fuse.bit) << fuse.key;
        EXPECT_EQ(field.bits, 1U) << fuse.key;
    }
}

// GPIO_STRAP_REG, RTC_CNTL_OPTION1_REG.
TEST(ChipTable, knows_what_keeps_a_chip_with_its_own_usb_in_the_loader) {
    EXPECT_EQ(chip_by_key("esp32s2")->io0_strap.address, 0x3F404038U);
    EXPECT_EQ(chip_by_key("esp32s2")->force_download.address, 0x3F408128U);
    EXPECT_EQ(chip_by_key("esp32s3")->io0_strap.address, 0x60004038U);
    EXPECT_EQ(chip_by_key("esp32s3")->force_download.address, 0x6000812CU);
    // Over USB-Serial/JTAG too, where a watchdog gets the chip out (esptool docs/en/
    // troubleshooting.rst, "Leaving Download Mode in USB-Serial/JTAG Mode").
    EXPECT_EQ(chip_by_key("esp32c3")->io0_strap.address, 0x60004038U);
    EXPECT_EQ(chip_by_key("esp32c5")->io0_strap.address, 0x60091000U);
    EXPECT_EQ(chip_by_key("esp32c61")->io0_strap.address, 0x60091000U);
    EXPECT_EQ(chip_by_key("esp32p4")->io0_strap.address, 0x500E0038U);
    for (const Chip& chip : chips()) {
        const bool own_usb = chip.usb_serial_jtag || chip.usb_block != 0;
        EXPECT_EQ(chip.io0_strap.bits != 0, own_usb && chip.watchdog.enable != 0) << chip.name;
        if (chip.io0_strap.bits != 0) {
            EXPECT_EQ(chip.io0_strap.shift, 3U) << chip.name;
        }
    }
}

// esptool docs/en/troubleshooting.rst, "Flash and External Memory Support Limitations".
TEST(ChipTable, knows_whose_stub_reaches_flash_above_16_mb) {
    for (const Chip& chip : chips())
        EXPECT_EQ(chip.stub.addresses_32_bits, chip.key == "esp32s3" || chip.key == "esp32c5" ||
                                                   chip.key == "esp32c61" || chip.key == "esp32p4")
            << chip.name;
}

TEST(ChipTable, knows_frequencies_by_name) {
    EXPECT_EQ(flash_frequency_code(*chip_by_key("esp32"), "80m"), 0xF);
    EXPECT_EQ(flash_frequency_code(*chip_by_key("esp32"), "60m"), std::nullopt);
    EXPECT_EQ(flash_frequency_code(*chip_by_key("esp32c2"), "60m"), 0xF);
}

TEST(ChipTable, no_two_chips_share_an_id_a_key_or_a_magic) {
    std::set<std::uint16_t> ids;
    std::set<std::string_view> keys;
    std::set<std::uint32_t> magics;
    for (const Chip& chip : chips()) {
        EXPECT_TRUE(ids.insert(chip.id).second) << chip.name;
        EXPECT_TRUE(keys.insert(chip.key).second) << chip.name;
        for (const std::uint32_t magic : chip.magics)
            EXPECT_TRUE(magics.insert(magic).second) << chip.name;
        EXPECT_TRUE(chip.crystal_mhz != 0 || chip.uart_divider != 0) << chip.name;
    }
    EXPECT_EQ(chip_by_id(0xFFFF), nullptr);
    EXPECT_EQ(chip_by_key("esp8266"), nullptr);
    EXPECT_EQ(chip_by_magic(0xFFF0C101), nullptr);
}

TEST(ChipTable, the_esp32_alone_has_its_quirks) {
    for (const Chip& chip : chips()) {
        const bool esp32 = chip.key == "esp32";
        EXPECT_EQ(chip.mac_has_crc, esp32) << chip.name;
        EXPECT_EQ(chip.rom_encrypted_word, !esp32) << chip.name;
        EXPECT_EQ(chip.tells_security, !esp32) << chip.name;
        EXPECT_EQ(chip.spi.usr, esp32 ? 0x1C : 0x18) << chip.name;
        EXPECT_EQ(chip.spi.w0, esp32 ? 0x80 : 0x58) << chip.name;
    }
}

TEST(RegisterField, takes_its_bits) {
    constexpr RegisterField field{0, 20, 7};
    EXPECT_EQ(field.of(0x07F00000), 0x7FU);
    EXPECT_EQ(field.of(0xF80FFFFF), 0U);
}

TEST(FlashSize, is_the_capacity_byte) {
    EXPECT_EQ(flash_size_of(0x1640EF), 4U << 20);   // Winbond W25Q32
    EXPECT_EQ(flash_size_of(0x1840C8), 16U << 20);  // GigaDevice GD25Q128
    EXPECT_EQ(flash_size_of(0x174020), 8U << 20);   // XMC XM25QH64
    EXPECT_EQ(flash_size_of(0x3980C2), 32U << 20);  // a 1.8 V series counts from 0x32
    EXPECT_EQ(flash_size_of(0x2060C2), 64U << 20);
    EXPECT_EQ(flash_size_of(0x01871F), 4U << 20);  // Adesto AT25SF321: in the second byte
}

TEST(FlashSize, an_id_that_is_none_has_no_size) {
    for (const std::uint32_t id : {0x000000U, 0xFFFFFFU, 0xFFFF3FU, 0x7740EFU, 0x01831FU})
        EXPECT_EQ(flash_size_of(id), 0U) << id;
    EXPECT_TRUE(is_no_flash_id(0xFFFFFF));
    EXPECT_FALSE(is_no_flash_id(0x7740EF));
}

}  // namespace
}  // namespace imprint::loader
