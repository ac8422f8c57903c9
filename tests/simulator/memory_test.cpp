// The registers that a host looks at, as it reads them (esptool esptool/targets/esp32.py).
#include "simulator/memory.h"

#include <gtest/gtest.h>

#include "simulator/chip.h"

namespace imprint::simulator {

namespace {

Chip chip(std::uint16_t revision = 300) {
    return {*parse_mac("24:0a:c4:12:ab:cd"), revision, *Flash::blank(4U << 20)};
}

std::uint32_t efuse(const Memory& memory, std::uint32_t word) {
    return memory.read(0x3FF5A000 + 4 * word);
}

TEST(Memory, names_the_chip_and_its_mac) {
    const Chip board = chip();
    EXPECT_EQ(board.memory.read(0x40001000), 0x00F01D83U);
    EXPECT_EQ(efuse(board.memory, 1), 0xC412ABCDU);
    EXPECT_EQ(efuse(board.memory, 2) & 0xFFFF, 0x240AU);
    EXPECT_EQ(efuse(board.memory, 2) >> 16, mac_crc(*parse_mac("24:0a:c4:12:ab:cd")));
}

// ESP-IDF docs/en/api-reference/system/misc_system_api.rst and espefuse both use the CRC-8 of the
// 1-Wire bus; its published example is the ROM 02 1C B8 01 00 00 00 with the CRC A2.
TEST(Memory, the_macs_crc_is_that_of_the_1_wire_bus) {
    EXPECT_EQ(mac_crc(MacAddress{}), 0);
    const std::uint8_t example = mac_crc(MacAddress{{0x02, 0x1C, 0xB8, 0x01, 0x00, 0x00}});
    EXPECT_EQ(mac_crc(MacAddress{{0, 0, 0, 0, 0, example}}), 0xA2);
}

TEST(Memory, tells_the_revision_in_three_places) {
    const std::pair<std::uint16_t, unsigned> bits[] = {
        {0, 0}, {100, 1}, {200, 3}, {300, 7}, {301, 7}};
    for (const auto& [revision, expected] : bits) {
        const Chip board = chip(revision);
        const unsigned found = (efuse(board.memory, 3) >> 15 & 1) |
                               (efuse(board.memory, 5) >> 20 & 1) << 1 |
                               (board.memory.read(0x3FF6607C) >> 31) << 2;
        EXPECT_EQ(found, expected) << revision;
        EXPECT_EQ(efuse(board.memory, 5) >> 24 & 3, revision % 100U);
    }
}

TEST(Memory, the_uarts_divider_tells_the_crystal) {
    Chip board = chip();
    const double crystal =
        115200.0 * static_cast<double>(board.memory.read(0x3FF40014) & 0xFFFFF) / 1e6;
    EXPECT_NEAR(crystal, 40.0, 0.5);
}

TEST(Memory, words_may_lie_anywhere) {
    const Chip board = chip();
    EXPECT_EQ(board.memory.read(0x40001001), 0x0000F01DU);
}

TEST(Memory, efuses_are_not_written) {
    Chip board = chip();
    board.memory.write(0x3FF5A004, 0);
    EXPECT_EQ(efuse(board.memory, 1), 0xC412ABCDU);
}

TEST(Memory, the_spi_controller_asks_the_flash_for_its_id) {
    Chip board = chip();
    const auto ask = [&] {
        board.memory.write(0x3FF4202C, 23);
        board.memory.write(0x3FF4201C, 1U << 31 | 1U << 28);
        board.memory.write(0x3FF42024, 7U << 28 | 0x9F);
        board.memory.write(0x3FF42080, 0);
        board.memory.write(0x3FF42000, 1U << 18);
        EXPECT_EQ(board.memory.read(0x3FF42000), 0U);
        return board.memory.read(0x3FF42080);
    };
    EXPECT_EQ(ask(), 0xFFFFFFU);  // its pins are not connected yet
    board.spi.attached = true;
    EXPECT_EQ(ask(), 0x1640EFU);
}

// The controller of an ESP32 or of one of the others, as esptool's run_spiflash_command uses it.
class SpiCommands : public ::testing::TestWithParam<const char*> {
  protected:
    SpiCommands() { chip_.spi.attached = true; }

    std::uint32_t run(std::uint8_t command, unsigned read_bits, std::uint32_t address = 0,
                      Bytes data = {}) {
        const SpiRegisters& spi = chip_.model.spi;
        const bool esp32 = chip_.model.is_esp32();
        std::uint32_t user = 1U << 31;
        if (read_bits > 0) user |= 1U << 28;
        if (!data.empty()) user |= 1U << 27;
        if (read_bits > 0) write(spi.miso_bits, read_bits - 1);
        if (!data.empty())
            write(spi.command + (esp32 ? 0x28 : 0x24),
                  static_cast<std::uint32_t>(8 * data.size() - 1));
        write(spi.user, user);
        write(spi.user2, 7U << 28 | command);
        write(spi.command + 4, esp32 ? address << 8 : address);
        data.resize(4);
        write(spi.word0, get_u32(data, 0));
        write(spi.command, 1U << 18);
        return chip_.memory.read(spi.word0);
    }

    void write(std::uint32_t address, std::uint32_t value) { chip_.memory.write(address, value); }

    Chip chip_{*parse_mac("24:0a:c4:12:ab:cd"), 100, *Flash::blank(4U << 20),
               **find_chip_model(GetParam())};
};

TEST_P(SpiCommands, the_flash_tells_what_it_is_by_sfdp) {
    EXPECT_EQ(run(0x5A, 32), 0x50444653U) << "SFDP";
    EXPECT_EQ(run(0x5A, 24, 1), 0x504446U);
    const std::uint32_t table = run(0x5A, 32, 12) & 0xFFFFFF;
    EXPECT_EQ(run(0x5A, 32, table + 4), 8U * (4U << 20) - 1) << "its size in bits";
    EXPECT_EQ(run(0x5A, 32, 0x1000), 0xFFFFFFFFU);
}

TEST_P(SpiCommands, status_bits_are_kept_once_writing_is_enabled) {
    EXPECT_EQ(run(0x05, 8), 0U);
    run(0x01, 0, 0, {0x1C});
    EXPECT_EQ(run(0x05, 8), 0U) << "not enabled";
    run(0x06, 0);
    EXPECT_EQ(run(0x05, 8), 2U) << "enabled";
    run(0x01, 0, 0, {0x1C, 0x02});
    EXPECT_EQ(run(0x05, 8), 0x1CU) << "and no more";
    EXPECT_EQ(run(0x35, 8), 0x02U);
    run(0x50, 0);
    run(0x31, 0, 0, {0x42});
    EXPECT_EQ(run(0x35, 8), 0x42U);
    chip_.reset();
    chip_.spi.attached = true;
    EXPECT_EQ(run(0x05, 8), 0x1CU) << "over a reset of the chip too";
}

INSTANTIATE_TEST_SUITE_P(Chips, SpiCommands, ::testing::Values("esp32", "esp32s2", "esp32c6"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Memory, a_reset_forgets_ram_and_registers) {
    Chip board = chip();
    EXPECT_EQ(board.memory.load(0x40090000, Bytes{1, 2, 3, 4}), 4U);
    board.memory.write(0x3FF42080, 5);
    board.reset();
    EXPECT_EQ(board.memory.read(0x40090000), 0U);
    EXPECT_EQ(board.memory.read(0x3FF42080), 0U);
}

}  // namespace

}  // namespace imprint::simulator
