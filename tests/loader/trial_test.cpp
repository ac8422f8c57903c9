// A trial on a real ROM loader, on a board or in an emulator: skipped unless a port is given.
//   IMPRINT_TRIAL_PORT=socket://127.0.0.1:5555   IMPRINT_TRIAL_STUBS=<folder> (else the ROM alone)
// It overwrites the flash from 0x1000 on.
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>

#include "loader/board.h"

namespace imprint::loader {
namespace {

Bytes firmware_like(std::size_t size, unsigned seed) {
    // Half noise, half repetition: compresses about as firmware does.
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] =
            i % 512 < 256 ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(i / 64);
    return bytes;
}

TEST(Trial, a_real_rom_takes_what_is_written_and_gives_it_back) {
    const char* url = std::getenv("IMPRINT_TRIAL_PORT");
    if (url == nullptr) GTEST_SKIP() << "no IMPRINT_TRIAL_PORT";
    const char* stubs = std::getenv("IMPRINT_TRIAL_STUBS");
    SystemClock clock;
    auto port = transport::open_port(url);
    ASSERT_TRUE(port) << port.error().describe();
    ConnectOptions options;
    if (stubs != nullptr) options.stub_directory = stubs;
    const Log log([](LogLevel, std::string_view line) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    });
    auto board = Board::connect(**port, options, clock, log);
    ASSERT_TRUE(board) << board.error().describe();
    const BoardInfo& info = board->info();
    std::printf("%s rev %u, crystal %u MHz, flash id %06x (%u bytes), MAC %s, %s\n",
                info.chip->name.data(), info.revision, info.crystal_mhz, info.flash_id,
                info.flash_size, info.mac.id().c_str(), board->stub_runs() ? "stub" : "ROM");
    EXPECT_EQ(board->stub_runs(), stubs != nullptr);

    const FlashData small("small", 0x1000, firmware_like(20'000, 1));
    const FlashData app("app", 0x10000, firmware_like(stubs != nullptr ? 1'000'000 : 150'000, 2));
    const FlashData sparse("sparse", 0x110000, Bytes(0xF0000, 0x42));
    for (const FlashData& region : {small, app, sparse}) {
        const Instant start = clock.now();
        const auto written = board->write(region);
        ASSERT_TRUE(written) << region.label() << ": " << written.error().describe();
        const std::chrono::duration<double> took = clock.now() - start;
        std::printf("%s: %u bytes, %zu compressed, %.2f s\n", region.label().c_str(), region.size(),
                    region.compressed().size(), took.count());
        EXPECT_EQ(*board->flash_md5(region.offset(), region.size()), region.md5());
    }
    // One changed sector in the middle costs one sector.
    Bytes changed(app.content().begin(), app.content().end());
    changed[changed.size() / 2] ^= 0xFF;
    std::uint64_t first_told = 0;
    const auto mended = board->write(FlashData("app", 0x10000, changed), [&](auto done, auto) {
        if (first_told == 0) first_told = done;
    });
    ASSERT_TRUE(mended) << mended.error().describe();
    EXPECT_GE(first_told, app.size() - 4096);

    const auto back = board->read(0x10000, 65536);
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_TRUE(std::equal(back->begin(), back->end(), changed.begin()));
    ASSERT_TRUE(board->erase(0x10000, 0x2000));
    const auto blank = board->read(0x10000, 0x2000);
    ASSERT_TRUE(blank);
    EXPECT_EQ(*blank, Bytes(0x2000, 0xFF));
}

}  // namespace
}  // namespace imprint::loader
