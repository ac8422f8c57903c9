#include "loader/chip.h"

#include <gtest/gtest.h>
#include <set>

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
};

constexpr Vector vectors[] = {
    {"esp32", 0, 0x00F01D83, 0x3FF5A004, 0x1000, 0x3FF42000},
    {"esp32s2", 2, 0x000007C6, 0x3F41A044, 0x1000, 0x3F402000},
    {"esp32s3", 9, 0x00000009, 0x60007044, 0x0, 0x60002000},
    {"esp32c3", 5, 0x4881606F, 0x60008844, 0x0, 0x60002000},
    {"esp32c2", 12, 0x0C21E06F, 0x60008840, 0x0, 0x60002000},
    {"esp32c6", 13, 0x2CE0806F, 0x600B0844, 0x0, 0x60003000},
    {"esp32h2", 16, 0xD7B73E80, 0x600B0844, 0x0, 0x60003000},
    {"esp32c5", 23, 0x5FD1406F, 0x600B4844, 0x2000, 0x60003000},
    {"esp32p4", 18, 0, 0x5012D044, 0x2000, 0x5008D000},
};

TEST(ChipTable, holds_the_published_facts) {
    for (const Vector& vector : vectors) {
        const Chip* chip = chip_by_key(vector.key);
        ASSERT_NE(chip, nullptr) << vector.key;
        EXPECT_EQ(chip->id, vector.id) << vector.key;
        EXPECT_EQ(chip->mac_register, vector.mac_register) << vector.key;
        EXPECT_EQ(chip->bootloader_offset, vector.bootloader) << vector.key;
        EXPECT_EQ(chip->spi.base, vector.spi_base) << vector.key;
        EXPECT_EQ(chip_by_id(vector.id), chip) << vector.key;
        const Chip* marked = vector.one_magic == 0 ? chip : chip_by_magic(vector.one_magic);
        EXPECT_EQ(marked, chip) << vector.key;
    }
    EXPECT_EQ(chips().size(), std::size(vectors));
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
