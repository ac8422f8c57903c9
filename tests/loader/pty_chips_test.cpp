// Every chip of the loader's table against the simulator's board of the same name, which has a
// table of its own.
#include <fmt/format.h>

#include "loader/pty_fixture.h"
#include "simulator/sample_firmware.h"

namespace imprint::loader::testing {
namespace {

using ::testing::HasSubstr;

struct Case {
    const char* chip;
    std::uint16_t revision;
    std::uint16_t crystal_mhz;
    bool runs_stub = true;
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << fmt::format("{} revision {}", one.chip, one.revision);
}

constexpr Case cases[] = {
    {"esp32", 301, 40},   {"esp32", 100, 40},   {"esp32s2", 100, 40}, {"esp32s3", 2, 40},
    {"esp32c3", 4, 40},   {"esp32c3", 101, 40}, {"esp32c2", 102, 26}, {"esp32c2", 0, 26, false},
    {"esp32c6", 2, 40},   {"esp32h2", 102, 32}, {"esp32c5", 100, 48}, {"esp32c61", 100, 40},
    {"esp32p4", 103, 40}, {"esp32p4", 300, 40},
};

std::string name_of(const ::testing::TestParamInfo<Case>& one) {
    return fmt::format("{}_revision_{}", one.param.chip, one.param.revision);
}

class EveryChip : public OnPty, public ::testing::WithParamInterface<Case> {
  protected:
    void begin() {
        simulated_.chip = GetParam().chip;
        simulated_.revision = GetParam().revision;
        start();
    }

    void expect_identified(const BoardInfo& info) {
        EXPECT_EQ(info.chip->key, GetParam().chip);
        EXPECT_EQ(info.mac, simulated_.mac);
        EXPECT_EQ(info.revision, GetParam().revision);
        EXPECT_EQ(info.crystal_mhz, GetParam().crystal_mhz);
        EXPECT_EQ(info.flash_size, simulated_.flash_size);
        EXPECT_TRUE(info.security.known);
        EXPECT_FALSE(info.security.secure_boot);
        EXPECT_FALSE(info.security.flash_encryption);
    }

    // What the board says until it has said this.
    std::string console_until(std::string_view text) {
        std::string console;
        const Instant deadline = clock_.now() + std::chrono::seconds(20);
        while (clock_.now() < deadline && console.find(text) == std::string::npos) {
            Bytes part(1000);
            const auto got = port_->read(part, Milliseconds(100));
            if (!got) break;
            console += as_text(ByteView(part).first(*got));
        }
        return console;
    }
};

TEST_P(EveryChip, is_identified_flashed_proven_and_started_through_its_stub) {
    if (options_.stub_directory.empty()) GTEST_SKIP() << "npm ci was not run";
    begin();
    const auto folder = TemporaryDirectory::create().value();
    ASSERT_TRUE(simulator::write_sample_firmware(folder.path(), "1.0.0", GetParam().chip));
    Board board = connected();
    expect_identified(board.info());
    EXPECT_EQ(board.stub_runs(), GetParam().runs_stub);
    EXPECT_EQ(board.baud(), 921600U);

    const auto read = [&](const char* file) {
        return read_file(folder.path() / "build" / file).value();
    };
    const FlashData bootloader("bootloader", board.info().chip->bootloader_offset,
                               read("bootloader/bootloader.bin"));
    const FlashData table("table", 0x8000, read("partition_table/partition-table.bin"));
    const FlashData app("app", 0x10000, read("aws_iot.bin"));
    for (const FlashData& region : {bootloader, table, app}) {
        const auto written = board.write(region);
        ASSERT_TRUE(written) << written.error().describe();
    }
    for (const FlashData& region : {bootloader, table, app})
        expect_in_flash(region);
    EXPECT_EQ(board.write_difference(app).value().written, 0U);
    EXPECT_TRUE(std::ranges::equal(board.read(0x8000, table.size()).value(), table.content()));

    ASSERT_TRUE(board.run());
    EXPECT_THAT(console_until("Project name:     imprint_sample"),
                HasSubstr("Project name:     imprint_sample"));
}

TEST_P(EveryChip, is_flashed_and_proven_by_its_rom_alone) {
    options_.stub_directory.clear();
    begin();
    Board board = connected();
    expect_identified(board.info());
    EXPECT_FALSE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U) << "asked of a ROM that may take its crystal for another";
    const FlashData behind("behind", 0x30000, Bytes(0x4000, 0xA5));
    const FlashData app("app", 0x10000, firmware_like(0x20000 - 4096, 3));
    for (const FlashData& region : {behind, app}) {
        const auto written = board.write(region);
        ASSERT_TRUE(written) << written.error().describe();
    }
    for (const FlashData& region : {behind, app})
        expect_in_flash(region);
    EXPECT_TRUE(std::ranges::equal(board.read(0x10000, 256).value(), app.content().first(256)));
}

INSTANTIATE_TEST_SUITE_P(Chips, EveryChip, ::testing::ValuesIn(cases), name_of);

TEST(EveryChipOfTheTable, is_tried) {
    for (const Chip& chip : chips())
        EXPECT_TRUE(std::ranges::any_of(cases, [&](const Case& one) {
            return one.chip == chip.key;
        })) << chip.name;
}

}  // namespace
}  // namespace imprint::loader::testing
