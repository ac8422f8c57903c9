// Flash chips whose id tells too much, and addresses that a loader cannot send: what is written
// there comes out at the beginning.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "base/error_code.h"
#include "loader/board.h"
#include "loader/shipped_stubs.h"
#include "simulator/virtual_board.h"

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

Bytes noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

class FlashEnd : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(shipped_stubs())) GTEST_SKIP() << "npm ci was not run";
        simulated_.mac = *parse_mac("240ac4010203");
        simulated_.network = false;
        options_.stub_directory = shipped_stubs();
    }

    void plug(std::uint32_t size, std::uint32_t told) {
        simulated_.flash_size = size;
        simulated_.flash_told = told;
        board_ = simulator::VirtualBoard::create(simulated_).value();
    }

    Board connected() {
        auto board = Board::connect(*board_, options_, *board_, log_);
        if (!board) throw std::runtime_error(board.error().describe());
        return *std::move(board);
    }

    [[nodiscard]] bool in_flash(const FlashData& region) const {
        return std::ranges::equal(region.content(),
                                  board_->flash().subspan(region.offset(), region.size()));
    }

    static void expect_refused(const auto& result, const std::string& code) {
        ASSERT_FALSE(result);
        EXPECT_EQ(code_of(result), code) << result.error().describe();
    }

    const FlashData boot_{"boot", 0x1000, noise(26'000, 1)};
    const FlashData table_{"table", 0x8000, noise(3072, 2)};
    simulator::BoardOptions simulated_;
    std::unique_ptr<simulator::VirtualBoard> board_;
    ConnectOptions options_;
    std::vector<std::string> said_;
    Log log_{[this](LogLevel, std::string_view line) { said_.emplace_back(line); }};
};

TEST_F(FlashEnd, above_16_mb_only_a_stub_with_32_bits_writes) {
    for (const char* chip : {"esp32", "esp32c3", "esp32s3"}) {
        simulated_.chip = chip;
        plug(32U << 20, 0);
        Board board = connected();
        EXPECT_EQ(board.info().flash_size, 32U << 20);
        ASSERT_TRUE(board.write_difference(boot_));
        const FlashData above("above", 0x1000000, noise(8000, 3));
        if (simulated_.chip == "esp32s3") {
            ASSERT_TRUE(board.write_difference(above));
            ASSERT_TRUE(board.prove());
            EXPECT_TRUE(in_flash(above));
        } else {
            expect_refused(board.check_write(above), "flash_out_of_reach");
            expect_refused(board.write_difference(above), "flash_out_of_reach");
            expect_refused(board.erase(0x1000000, 0x1000), "flash_out_of_reach");
            expect_refused(board.erase(0, 32U << 20), "flash_out_of_reach");
            expect_refused(board.read(0x1FFF000, 0x1000), "flash_out_of_reach");
        }
        EXPECT_TRUE(in_flash(boot_)) << chip;
    }
    options_.stub_directory.clear();
    Board by_rom = connected();
    expect_refused(by_rom.erase(0x1000000, 0x1000), "flash_out_of_reach");
}

TEST_F(FlashEnd, an_id_that_tells_too_much_is_found_out_before_anything_is_written) {
    for (const bool by_stub : {true, false}) {
        if (!by_stub) options_.stub_directory.clear();
        for (const std::uint32_t told : {16U << 20, 32U << 20}) {
            plug(4U << 20, told);
            ASSERT_TRUE(connected().write(boot_));
            Board board = connected();
            EXPECT_EQ(board.info().flash_size, 4U << 20);
            EXPECT_EQ(board.info().flash_size_told, told);
            EXPECT_THAT(said_, ::testing::Contains(HasSubstr("wrap at 4096 KB")));
            const FlashData above("above", 0x401000, noise(8000, 3));
            expect_refused(board.write_difference(above), "flash_too_small");
            expect_refused(board.erase(0x400000, 0x2000), "flash_too_small");
            EXPECT_TRUE(in_flash(boot_)) << "nothing was undone";
        }
    }
}

TEST_F(FlashEnd, on_a_blank_flash_what_undoes_another_file_is_found_by_the_last_proof) {
    plug(4U << 20, 16U << 20);
    Board board = connected();
    EXPECT_EQ(board.info().flash_size, 16U << 20) << "nothing contradicts its id yet";
    const FlashData above("above", 0x401000, noise(8000, 3));
    ASSERT_TRUE(board.write_difference(boot_));
    ASSERT_TRUE(board.write_difference(above));
    EXPECT_FALSE(in_flash(boot_)) << "undone by now";
    const auto proven = board.prove();
    expect_refused(proven, "verify_failed");
    EXPECT_THAT(proven.error().describe(), HasSubstr("undone"));
}

TEST_F(FlashEnd, what_undoes_nothing_is_found_by_what_stands_there_now) {
    plug(4U << 20, 16U << 20);
    Board board = connected();
    ASSERT_TRUE(board.write_difference(boot_));
    ASSERT_TRUE(board.write_difference({"above", 0xC00000 + 0x200000, noise(8000, 3)}));
    expect_refused(board.prove(), "flash_too_small");
    EXPECT_EQ(board.info().flash_size, 4U << 20);
}

TEST_F(FlashEnd, an_unknown_id_is_no_licence_either) {
    plug(4U << 20, 1U << 30);
    ASSERT_TRUE(connected().write(boot_));
    Board board = connected();
    EXPECT_EQ(board.info().flash_size_told, 0U);
    EXPECT_EQ(board.info().flash_size, 4U << 20);
    expect_refused(board.write_difference({"above", 0x401000, noise(8000, 3)}), "flash_too_small");
}

// "What is said to be proven was proven after the last write of the run."
TEST_F(FlashEnd, each_region_is_proven_once_and_after_the_last_write) {
    simulated_.timings = simulator::Timings::esp32_with_w25q32();
    plug(4U << 20, 0);
    const FlashData app("app", 0x10000, noise(300'000, 4));
    const FlashData credentials("credentials", 0x310000, noise(20'000, 5));
    {
        Board board = connected();
        for (const auto& region : {boot_, table_, app, credentials})
            ASSERT_TRUE(board.write_difference(region));
        ASSERT_TRUE(board.prove());
    }
    // Other credentials: the rest is not hashed before they are written, but after.
    Board board = connected();
    const FlashData others("credentials", 0x310000, noise(20'000, 6));
    for (const auto& region : {boot_, table_, app, others})
        ASSERT_TRUE(board.write_difference(region));
    const double all = (26'624 + 4096 + 303'104 + 20'480) / 1024.0;
    const simulator::Timings& times = simulated_.timings;
    const Instant before = board_->now();
    ASSERT_TRUE(board.prove());
    const auto hashing = (times.read_kb + times.hash_kb) * static_cast<std::int64_t>(all);
    EXPECT_GE(board_->now() - before, hashing);
    EXPECT_LE(board_->now() - before, hashing + Milliseconds(20)) << "of the board's time";
    for (const auto& region : {boot_, table_, app, others})
        EXPECT_TRUE(in_flash(region));
}

TEST_F(FlashEnd, what_somebody_undoes_before_the_proof_is_mended_and_all_is_proven_again) {
    plug(4U << 20, 0);
    Board board = connected();
    ASSERT_TRUE(board.write_difference(boot_));
    ASSERT_TRUE(board.write_difference(table_));
    // As an encrypted write to a wrapped address would: behind the back of what is remembered.
    ASSERT_TRUE(board.write_difference({"other", 0x20000, noise(4096, 7)}));
    board_->spoil(0x1800);
    const auto rewritten = board.prove();
    ASSERT_TRUE(rewritten) << rewritten.error().describe();
    EXPECT_EQ(*rewritten, flash_sector);
    EXPECT_TRUE(in_flash(boot_));
}

}  // namespace
}  // namespace imprint::loader
