// A trial on a real ROM loader, in a board or an emulator. Skipped unless it is told where:
//   IMPRINT_TRIAL_PORT=socket://127.0.0.1:5555    or a device
//   IMPRINT_TRIAL_STUBS=<folder>                  of stubs; without it the ROM does it alone
// It overwrites the first 4 MB of flash. Times are printed, none is asserted.
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <random>

#include "loader/board.h"

namespace imprint::loader {
namespace {

using Seconds = std::chrono::duration<double>;

// Half noise, half repetition: compresses about as firmware does.
Bytes firmware_like(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i % 512 < 256 ? random() : i / 64);
    return bytes;
}

Bytes noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

class Trial : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* url = std::getenv("IMPRINT_TRIAL_PORT");
        if (url == nullptr) GTEST_SKIP() << "IMPRINT_TRIAL_PORT is not set";
        auto port = transport::open_port(url);
        ASSERT_TRUE(port) << port.error().describe();
        port_ = *std::move(port);
        if (const char* stubs = std::getenv("IMPRINT_TRIAL_STUBS")) options_.stub_directory = stubs;
    }

    Result<Board> connect(std::stop_token stop = {}) {
        const Instant start = clock_.now();
        auto board = Board::connect(*port_, options_, clock_, log_, std::move(stop));
        if (board) say("connect", 0, clock_.now() - start);
        return board;
    }

    static void say(const std::string& what, std::uint64_t bytes, Seconds took) {
        const double rate = static_cast<double>(bytes) / took.count();
        fmt::print("  {:28} {:8.2f} s  {:8.0f} B/s\n", what, took.count(), rate);
    }

    void write(Board& board, const FlashData& region) {
        const Instant start = clock_.now();
        std::uint64_t last = 0;
        const auto written = board.write(region, [&](std::uint64_t done, std::uint64_t total) {
            EXPECT_LE(done, total);
            last = done;
        });
        ASSERT_TRUE(written) << region.label() << ": " << written.error().describe();
        EXPECT_EQ(last, region.size());
        say("write " + region.label(), region.size(), clock_.now() - start);
    }

    void expect_content(Board& board, std::uint32_t offset, ByteView content) {
        const auto found = board.read(offset, static_cast<std::uint32_t>(content.size()));
        ASSERT_TRUE(found) << found.error().describe();
        const auto differs = std::ranges::mismatch(*found, content);
        EXPECT_EQ(differs.in1, found->end())
            << "first difference at " << std::hex << offset + (differs.in1 - found->begin());
    }

    std::unique_ptr<transport::Port> port_;
    ConnectOptions options_;
    SystemClock clock_;
    Log log_{[](LogLevel level, std::string_view line) {
        fmt::print("  [{}] {}\n", to_string(level), line);
    }};
};

TEST_F(Trial, a_real_loader_says_who_it_is) {
    auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    const BoardInfo& info = board->info();
    fmt::print("  {}, revision {}, crystal {} MHz, flash {:06x}, secure boot {}, encryption {}\n",
               info.chip->name, info.revision, info.crystal_mhz, info.flash_id,
               info.security.secure_boot, info.security.flash_encryption);
    EXPECT_EQ(board->stub_runs(), !options_.stub_directory.empty());
    EXPECT_EQ(board->read_mac().value(), info.mac);
    EXPECT_GE(info.flash_size, 4U << 20);
}

TEST_F(Trial, what_is_written_is_in_flash_and_nothing_else_is_touched) {
    auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    const Instant start = clock_.now();
    ASSERT_TRUE(board->erase(0, 4U << 20));
    say("erase 4 MB", 4U << 20, clock_.now() - start);

    Bytes image((4U << 20), 0xFF);
    const auto put = [&](const FlashData& region) {
        write(*board, region);
        std::ranges::copy(region.content(), image.begin() + region.offset());
    };
    // In an order in which a write that spills over its end would show.
    ASSERT_NO_FATAL_FAILURE(put({"application, 1 MB", 0x10000, firmware_like(1'000'000, 2)}));
    ASSERT_NO_FATAL_FAILURE(put({"sparse, 960 KB", 0x200000, Bytes(0xF0000, 0x42)}));
    ASSERT_NO_FATAL_FAILURE(put({"noise, 100 KB", 0x300000, noise(100'000, 3)}));
    ASSERT_NO_FATAL_FAILURE(put({"bootloader, 26 KB", 0x1000, firmware_like(26'000, 1)}));
    ASSERT_NO_FATAL_FAILURE(put({"partition table, 3 KB", 0x8000, firmware_like(3'072, 4)}));
    ASSERT_NO_FATAL_FAILURE(put({"exactly 64 KB", 0x380000, firmware_like(0x10000, 5)}));

    // The ROM gives 64 bytes a request: all of it, but of that only by the stub.
    const std::uint32_t most = board->stub_runs() ? 0x3F0000 : 0x20000;
    const Instant reading = clock_.now();
    expect_content(*board, 0, ByteView(image).first(most));
    say("read", most, clock_.now() - reading);
    EXPECT_EQ(board->flash_md5(0, 0x400000).value(), md5(image));
}

TEST_F(Trial, only_what_differs_is_written) {
    auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    Bytes content = firmware_like(600'000, 6);
    const FlashData first("first", 0x10000, content);
    ASSERT_TRUE(board->write(first));

    Instant start = clock_.now();
    const auto same = board->write_difference(first);
    ASSERT_TRUE(same) << same.error().describe();
    say("nothing differs", first.size(), clock_.now() - start);
    EXPECT_EQ(same->written, 0U);
    EXPECT_EQ(same->kept, first.size());

    content[123'456] ^= 0xFF;
    content[400'000] ^= 0xFF;
    const FlashData second("second", 0x10000, content);
    start = clock_.now();
    const auto changed = board->write_difference(second);
    ASSERT_TRUE(changed) << changed.error().describe();
    const auto rewritten = board->prove();
    ASSERT_TRUE(rewritten) << rewritten.error().describe();
    say("two sectors differ", second.size(), clock_.now() - start);
    EXPECT_EQ(changed->written + *rewritten, 2 * flash_sector);
    EXPECT_EQ(board->flash_md5(second.offset(), second.size()).value(), second.md5());
}

TEST_F(Trial, a_write_that_is_stopped_in_the_middle_goes_on_where_it_was) {
    auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    ASSERT_TRUE(board->erase(0x10000, 0x100000));
    const FlashData region("application", 0x10000, firmware_like(800'000, 7));
    {
        std::stop_source stop;
        auto doomed = connect(stop.get_token());
        ASSERT_TRUE(doomed) << doomed.error().describe();
        const auto stopped = doomed->write(region, [&](std::uint64_t done, std::uint64_t total) {
            if (done > total / 2) stop.request_stop();
        });
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().kind, ErrorKind::interrupted);
    }
    // As a killed process leaves it: in the middle of a frame.
    const Bytes torn{0xC0, 0x00, 0x11, 0x10, 0x40, 0x55, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03};
    ASSERT_TRUE(port_->write(torn));

    auto again = connect();
    ASSERT_TRUE(again) << again.error().describe();
    const Instant start = clock_.now();
    const auto finished = again->write_difference(region);
    ASSERT_TRUE(finished) << finished.error().describe();
    const auto proven = again->prove();
    ASSERT_TRUE(proven) << proven.error().describe();
    say("the rest of it", finished->written, clock_.now() - start);
    // How much depends on the stub: esptool's former one begins a write with what it had inflated
    // of the stopped one, which is found out and rewritten.
    EXPECT_GT(finished->kept, 0U);
    EXPECT_EQ(again->flash_md5(region.offset(), region.size()).value(), region.md5());
}

}  // namespace
}  // namespace imprint::loader
