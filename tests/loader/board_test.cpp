// What a connected board promises, when nothing goes wrong.
#include "loader/board.h"

#include "loader/board_fixture.h"
#include "simulator/sample_firmware.h"

namespace imprint::loader {
namespace {

using testing::BoardTest;
using Seen = testing::FaultyPort::Seen;

// A build that boots.
void hold_sample(simulator::VirtualBoard& board, const std::filesystem::path& folder) {
    ASSERT_TRUE(simulator::write_sample_firmware(folder));
    for (const auto& [offset, file] :
         {std::pair{0x1000U, "build/bootloader/bootloader.bin"},
          std::pair{0x8000U, "build/partition_table/partition-table.bin"},
          std::pair{0x10000U, "build/aws_iot.bin"}})
        board.preload_flash(offset, read_file(folder / file).value());
}

// Every promise holds by the stub and by the ROM alone.
class BoardWork : public BoardTest, public ::testing::WithParamInterface<bool> {
  protected:
    BoardWork() {
        if (!GetParam()) options.stub_directory.clear();
    }
};

std::string loader_name(const ::testing::TestParamInfo<bool>& info) {
    return info.param ? "stub" : "rom";
}

INSTANTIATE_TEST_SUITE_P(By, BoardWork, ::testing::Bool(), loader_name);

TEST_P(BoardWork, what_is_written_is_in_flash_and_its_neighbours_stay) {
    Board board = connected();
    ASSERT_EQ(board.stub_runs(), GetParam());
    fill_flash(0xA5);
    Bytes expected(flash().begin(), flash().end());
    // One sector, whole windows of the ROM's inflater, and sizes between.
    std::uint32_t at = 0x1000;
    for (const std::size_t size : {4096, 26'000, 32'768, 65'536, 100'000, 300'000}) {
        const FlashData region("region", at, firmware_like(size, at));
        std::uint64_t last = 0;
        const auto written = board.write(region, [&](std::uint64_t done, std::uint64_t total) {
            EXPECT_GE(done, last);
            EXPECT_LE(done, total);
            EXPECT_EQ(total, region.size());
            last = done;
        });
        ASSERT_TRUE(written) << written.error().describe();
        EXPECT_EQ(last, region.size());
        std::ranges::copy(region.content(), expected.begin() + at);
        EXPECT_TRUE(std::ranges::equal(flash(), expected)) << size << " bytes spoilt something";
        at += region.size() + 0x8000;
    }
}

TEST_P(BoardWork, what_does_not_compress_is_written_as_well) {
    Board board = connected();
    std::mt19937 random(3);
    Bytes content(150'000);
    for (std::uint8_t& byte : content)
        byte = static_cast<std::uint8_t>(random());
    const FlashData region("noise", 0x20000, std::move(content));
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
}

TEST_P(BoardWork, a_large_blank_region_travels_in_a_few_blocks) {
    Board board = connected();
    const FlashData region("spiffs", 0x110000, Bytes(0xF0000, 0xFF));
    fill_flash(0);
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_LE(wire.count(Op::flash_defl_data), 2U);
}

TEST_P(BoardWork, nothing_is_written_that_is_there_already) {
    Board board = connected();
    const FlashData region("app", 0x10000, firmware_like(400'000));
    ASSERT_TRUE(board.write(region));
    wire.seen.clear();
    const auto outcome = board.write_difference(region);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->written, 0U);
    EXPECT_EQ(outcome->kept, region.size());
    EXPECT_EQ(board.prove().value(), 0U);
    for (const Seen& request : wire.seen)
        EXPECT_EQ(request.op, Op::spi_flash_md5);
}

TEST_P(BoardWork, a_changed_sector_is_all_that_is_written) {
    Board board = connected();
    Bytes content = firmware_like(400'000);
    ASSERT_TRUE(board.write(FlashData("app", 0x10000, content)));
    content[200'000] ^= 1;
    const FlashData changed("app", 0x10000, content);
    // Where a few sectors are looked at, nothing has changed: the proof finds it.
    ASSERT_TRUE(board.write_difference(changed));
    const auto rewritten = board.prove();
    ASSERT_TRUE(rewritten) << rewritten.error().describe();
    EXPECT_EQ(*rewritten, flash_sector);
    EXPECT_TRUE(in_flash(changed));
}

TEST_P(BoardWork, a_blank_board_gets_all_of_it_in_one_write) {
    Board board = connected();
    const FlashData region("app", 0x10000, firmware_like(400'000));
    const auto outcome = board.write_difference(region);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->written, region.size());
    EXPECT_TRUE(in_flash(region));
}

TEST_P(BoardWork, flash_is_read_back_byte_for_byte) {
    Board board = connected();
    chip().preload_flash(0, firmware_like(4U << 20, 9));
    for (const std::uint32_t size : {1U, 63U, 64U, 4096U, 10'001U}) {
        const auto read = board.read(0x12340, size);
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_TRUE(std::ranges::equal(*read, flash().subspan(0x12340, size)));
    }
    EXPECT_TRUE(board.read(0, 0)->empty());
}

TEST_P(BoardWork, an_md5_is_the_chips_own) {
    Board board = connected();
    chip().preload_flash(0, firmware_like(4U << 20, 9));
    EXPECT_EQ(board.flash_md5(0x8000, 0xC00).value(), md5(flash().subspan(0x8000, 0xC00)));
}

TEST_P(BoardWork, erasing_leaves_blank_sectors_and_the_rest) {
    Board board = connected();
    fill_flash(0x11);
    ASSERT_TRUE(board.erase(0x3000, 0x2000));
    EXPECT_TRUE(std::ranges::all_of(flash().subspan(0x3000, 0x2000),
                                    [](std::uint8_t byte) { return byte == 0xFF; }));
    EXPECT_EQ(flash()[0x2FFF], 0x11);
    EXPECT_EQ(flash()[0x5000], 0x11);
    expect_error(board.erase(0x3100, 0x1000), "flash_alignment", ErrorKind::usage);
    expect_error(board.erase(0x3000, 0x1001), "flash_alignment", ErrorKind::usage);
}

TEST_P(BoardWork, nothing_goes_beyond_the_end_of_flash) {
    Board board = connected();
    expect_error(board.write(FlashData("app", 0x3FF000, Bytes(4097))), "flash_too_small");
    expect_error(board.read(0x3FFFFF, 2), "flash_too_small");
    expect_error(board.erase(0x400000, 0x1000), "flash_too_small");
    expect_error(board.flash_md5(0xFFFFF000, 0x1000), "flash_too_small");
    EXPECT_TRUE(board.write(FlashData("app", 0x3FF000, Bytes(4096))));
}

TEST_P(BoardWork, a_region_begins_on_a_sector) {
    Board board = connected();
    expect_error(board.write(FlashData("app", 0x1800, Bytes(10))), "flash_alignment",
                 ErrorKind::config);
}

TEST_P(BoardWork, plain_data_is_not_written_to_a_chip_that_encrypts) {
    simulated.fuses.flash_encryption = simulator::FlashEncryption::development;
    Board board = connected();
    expect_error(board.write(FlashData("app", 0x10000, Bytes(10))), "chip_secured");
    expect_error(board.write_difference(FlashData("app", 0x10000, Bytes(10))), "chip_secured");
    EXPECT_EQ(wire.count(Op::flash_defl_begin) + wire.count(Op::flash_begin), 0U);
}

TEST_P(BoardWork, running_starts_what_is_in_flash_with_the_console_at_its_rate) {
    hold_sample(chip(), folder() / "sample");
    Board board = connected();
    EXPECT_FALSE(chip().application_runs());
    ASSERT_TRUE(board.run());
    std::string console;
    Bytes buffer(2000);
    while (const auto got = wire.read(buffer, Milliseconds(100)).value())
        console += as_text(ByteView(buffer).first(got));
    EXPECT_TRUE(chip().application_runs());
    EXPECT_THAT(console, ::testing::HasSubstr("I (")) << "of the second stage";
    EXPECT_THAT(console, ::testing::HasSubstr("cpu_start: Pro cpu start user code"));
    EXPECT_EQ(wire.line_changes.back(), transport::Lines{});
}

TEST_P(BoardWork, the_mac_is_asked_for_anew) {
    Board board = connected();
    EXPECT_EQ(board.read_mac().value(), board.info().mac);
    put(stranger_in_loader());
    EXPECT_EQ(board.read_mac().value().id(), "240ac4999999");
    EXPECT_EQ(board.info().mac.id(), "240ac4012345");
}

TEST_F(BoardTest, a_rom_without_lines_is_told_to_run_what_is_in_flash) {
    options.stub_directory.clear();
    simulated.boot_button_held = true;
    wire.port_traits = {};
    hold_sample(chip(), folder() / "sample");
    Board board = connected();
    EXPECT_FALSE(chip().application_runs());
    ASSERT_TRUE(board.run());
    EXPECT_TRUE(chip().application_runs());
    EXPECT_EQ(board.look_started().value(), StartSeen::started);
}

TEST_F(BoardTest, a_stub_without_lines_resets_itself_by_the_watchdog) {
    simulated.boot_button_held = true;
    wire.port_traits = {};
    hold_sample(chip(), folder() / "sample");
    Board board = connected();
    ASSERT_TRUE(board.stub_runs());
    wire.seen.clear();
    ASSERT_TRUE(board.run());
    std::map<std::uint32_t, std::uint32_t> written;
    for (const Seen& request : wire.seen)
        if (request.op == Op::write_reg) written[request.word(0)] = request.word(1);
    EXPECT_EQ(written[0x3FF480A4], 0x50D83AA1U) << "unlocked";
    EXPECT_NE(written[0x3FF4808C] & 1U << 31, 0U) << "enabled";
    EXPECT_TRUE(chip().application_runs()) << "the reset came";
    EXPECT_EQ(board.look_started().value(), StartSeen::started);
}

}  // namespace
}  // namespace imprint::loader
