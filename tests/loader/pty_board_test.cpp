// The loader on a real pseudo-terminal, with the simulator's board at its other end: two programs
// made apart from each other, from the same sources.
#include "base/error_code.h"
#include "loader/pty_fixture.h"

namespace imprint::loader::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(OnPty, a_board_is_identified_written_proven_read_and_started) {
    if (options_.stub_directory.empty()) GTEST_SKIP() << "npm ci was not run";
    start();
    Board board = connected();
    EXPECT_TRUE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U);
    EXPECT_EQ(board.info().mac, simulated_.mac);
    EXPECT_EQ(board.info().revision, simulated_.revision);
    EXPECT_EQ(board.info().crystal_mhz, 40U);
    EXPECT_EQ(board.info().flash_size, simulated_.flash_size);

    const FlashData table("table", 0x8000, firmware_like(3072, 1));
    const FlashData app("app", 0x10000, firmware_like(1'000'000, 2));
    const FlashData spiffs("spiffs", 0x110000, Bytes(0xF0000, 0xFF));
    for (const FlashData& region : {app, spiffs, table}) {
        const auto written = board.write(region);
        ASSERT_TRUE(written) << written.error().describe();
        expect_in_flash(region);
    }
    expect_in_flash(app);
    EXPECT_EQ(board.write_difference(app).value().written, 0U);
    EXPECT_TRUE(std::ranges::equal(board.read(0x10000, app.size()).value(), app.content()));
    ASSERT_TRUE(board.erase(0x8000, 0x1000));
    EXPECT_EQ(board.read(0x8000, 0x1000).value(), Bytes(0x1000, 0xFF));

    ASSERT_TRUE(board.run());
    std::string console;
    const Instant deadline = clock_.now() + std::chrono::seconds(20);
    while (clock_.now() < deadline && console.find("SPI_FAST_FLASH_BOOT") == std::string::npos) {
        Bytes part(1000);
        const auto got = port_->read(part, Milliseconds(100));
        ASSERT_TRUE(got);
        console += as_text(ByteView(part).first(*got));
    }
    EXPECT_THAT(console, HasSubstr("SPI_FAST_FLASH_BOOT"));
}

TEST_F(OnPty, the_rom_alone_does_it_too_and_spoils_no_neighbour) {
    options_.stub_directory.clear();
    start();
    Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U) << "asked of a ROM that takes its crystal for another";
    const FlashData behind("behind", 0x30000, Bytes(0x10000, 0xA5));
    const FlashData app("app", 0x10000, firmware_like(0x20000 - 4096, 3));
    const FlashData table("table", 0x8000, firmware_like(4096, 4));
    for (const FlashData& region : {behind, app, table}) {
        const auto written = board.write(region);
        ASSERT_TRUE(written) << written.error().describe();
    }
    for (const FlashData& region : {behind, app, table})
        expect_in_flash(region);
    EXPECT_TRUE(std::ranges::equal(board.read(0x8000, 4096).value(), table.content()));
}

TEST_F(OnPty, a_stub_that_never_answers_is_done_without) {
    if (options_.stub_directory.empty()) GTEST_SKIP() << "npm ci was not run";
    simulated_.damaged_stub_ram = true;
    start();
    Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    const FlashData app("app", 0x10000, firmware_like(50'000, 5));
    ASSERT_TRUE(board.write(app));
    expect_in_flash(app);
}

TEST_F(OnPty, a_cable_pulled_in_the_middle_is_told_and_the_rest_is_written_later) {
    start();
    const FlashData app("app", 0x10000, firmware_like(600'000, 6));
    {
        Board board = connected();
        bool pulled = false;
        const auto written = board.write(app, [&](std::uint64_t done, std::uint64_t total) {
            if (done * 2 >= total && !std::exchange(pulled, true)) board_->pull_cable();
        });
        ASSERT_FALSE(written);
        EXPECT_EQ(code_of(written), "port_gone") << written.error().describe();
    }
    ASSERT_TRUE(board_->plug_in());
    open();
    Board board = connected();
    const auto rest = board.write_difference(app);
    ASSERT_TRUE(rest) << rest.error().describe();
    EXPECT_GT(rest->kept, app.size() / 4);
    expect_in_flash(app);
}

}  // namespace
}  // namespace imprint::loader::testing
