// Boards at the end of a bad line, in simulated time: bytes are lost, doubled, changed and late,
// the supply breaks down, boards are exchanged. Each run depends on its seed alone.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "loader/board.h"
#include "loader/shipped_stubs.h"
#include "simulator/virtual_board.h"

namespace imprint::loader {
namespace {

Bytes half_noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i % 64 < 32 ? random() : i / 64);
    return bytes;
}

class BadLine : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(shipped_stubs())) GTEST_SKIP() << "npm ci was not run";
    }

    // The error's code, or nothing when all is proven; what is called proven is looked at.
    std::string flash(const simulator::Faults& faults) {
        simulator::BoardOptions options;
        options.mac = *parse_mac("240ac4010203");
        options.network = false;
        options.timings = simulator::Timings::esp32_with_w25q32();
        auto board = simulator::VirtualBoard::create(options, faults).value();
        ConnectOptions connect;
        connect.stub_directory = shipped_stubs();
        const auto work = [&]() -> Result<void> {
            IMPRINT_TRY(auto connected, Board::connect(*board, connect, *board));
            for (const auto& region : regions_)
                IMPRINT_CHECK(connected.write_difference(region));
            IMPRINT_CHECK(connected.prove());
            IMPRINT_TRY(const MacAddress mac, connected.read_mac());
            if (mac != connected.info().mac)
                return fail(ErrorKind::board, "board_swapped", "another board at the end");
            return {};
        };
        const auto done = work();
        for (const auto& region : regions_)
            EXPECT_TRUE(!done ||
                        std::ranges::equal(region.content(),
                                           board->flash().subspan(region.offset(), region.size())))
                << region.label() << ", seed " << faults.seed;
        hurt_ += board->hurt();
        return done ? "" : done.error().code;
    }

    std::vector<FlashData> regions_{{"table", 0x8000, half_noise(3072, 2)},
                                    {"app", 0x10000, half_noise(120'000, 3)}};
    unsigned hurt_ = 0;
};

TEST_F(BadLine, one_byte_in_ten_thousand_costs_time_and_hardly_ever_the_board) {
    unsigned proven = 0;
    constexpr unsigned boards = 40;
    for (unsigned seed = 0; seed < boards; ++seed)
        proven += flash({.seed = seed, .hurt_one_in = 10'000}).empty() ? 1 : 0;
    EXPECT_GE(proven, boards * 9 / 10);
    EXPECT_GT(hurt_, 5 * boards);
}

TEST_F(BadLine, a_line_that_hurts_everything_is_given_up_with_its_cause) {
    for (unsigned seed = 0; seed < 5; ++seed)
        EXPECT_NE(flash({.seed = seed, .hurt_one_in = 20}), "");
}

TEST_F(BadLine, a_supply_that_breaks_down_is_gone_on_after) {
    for (unsigned seed = 0; seed < 20; ++seed)
        EXPECT_EQ(flash({.seed = seed, .brown_outs = 1, .within = Milliseconds(1800)}), "") << seed;
}

TEST_F(BadLine, a_board_that_was_exchanged_is_never_called_good) {
    unsigned noticed = 0;
    for (unsigned seed = 0; seed < 20; ++seed)
        noticed +=
            flash({.seed = seed, .swapped = true, .within = Milliseconds(1500)}) == "board_swapped"
                ? 1
                : 0;
    EXPECT_GE(noticed, 10U);
}

}  // namespace
}  // namespace imprint::loader
