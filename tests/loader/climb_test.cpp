// Rates go up as well as down: as far as bridge and cable carry them, proven with data.
#include "loader/board_fixture.h"

namespace imprint::loader {
namespace {

using testing::Fault;
using Seen = testing::FaultyPort::Seen;

class Climb : public testing::BoardTest {
  protected:
    Climb() { options.climb_to = 3'000'000; }

    void expect_writes_at(Board& board, std::uint32_t baud) {
        EXPECT_EQ(board.baud(), baud);
        const FlashData region("app", 0x10000, firmware_like(60'000));
        ASSERT_TRUE(board.write_difference(region));
        ASSERT_TRUE(board.prove());
        EXPECT_TRUE(in_flash(region));
    }
};

TEST_F(Climb, a_good_cable_carries_the_highest_rate) {
    fill_flash(0x5A);
    Board board = connected();
    EXPECT_EQ(wire.resets, 1U) << "nothing failed on the way";
    EXPECT_EQ(std::ranges::count(flash(), 0x5A), std::ssize(flash())) << "the trial writes nothing";
    expect_writes_at(board, 3'000'000);
}

TEST_F(Climb, a_worse_one_is_climbed_as_far_as_it_carries) {
    simulated.cable_carries = 1'600'000;
    Board board = connected();
    EXPECT_EQ(wire.resets, 2U) << "one rate too many, and back";
    expect_writes_at(board, 1'500'000);
}

TEST_F(Climb, one_that_carries_no_more_than_the_first_stays_there) {
    simulated.cable_carries = 1'000'000;
    Board board = connected();
    expect_writes_at(board, 921'600);
}

TEST_F(Climb, one_that_carries_less_steps_down_and_climbs_no_more) {
    simulated.cable_carries = 500'000;
    Board board = connected();
    expect_writes_at(board, 460'800);
}

TEST_F(Climb, a_rate_at_which_data_is_damaged_is_not_kept_though_it_answers) {
    wire.fault = [this](const Seen& request, unsigned) {
        return request.op == Op::flash_data && wire.baud() == 2'000'000 ? Fault::damage_block
                                                                        : Fault::none;
    };
    Board board = connected();
    EXPECT_EQ(board.baud(), 1'500'000U);
}

TEST_F(Climb, a_rate_that_the_bridge_does_not_have_is_passed_over) {
    wire.refused_bauds = {1'500'000};
    EXPECT_EQ(connected().baud(), 3'000'000U);
    wire.refused_bauds = {2'000'000, 3'000'000};
    plug();
    EXPECT_EQ(connected().baud(), 1'500'000U);
}

TEST_F(Climb, what_is_damaged_later_steps_down) {
    wire.fault = [this](const Seen& request, unsigned) {
        return request.op == Op::flash_defl_data && wire.baud() > 1'500'000 ? Fault::lose_request
                                                                            : Fault::none;
    };
    Board board = connected();
    EXPECT_EQ(board.baud(), 3'000'000U);
    const FlashData region("app", 0x10000, firmware_like(20'000));
    ASSERT_TRUE(board.write_difference(region));
    ASSERT_TRUE(board.prove());
    EXPECT_TRUE(in_flash(region));
    EXPECT_LE(board.baud(), 1'500'000U);
}

TEST_F(Climb, nobody_climbs_unasked_by_the_rom_or_over_a_chips_own_usb) {
    options.climb_to = 0;
    EXPECT_EQ(connected().baud(), 921'600U);
    options.climb_to = 3'000'000;
    plug();
    wire.port_traits.usb_serial_jtag = true;
    wire.port_traits.espressif_product = 0x1001;
    EXPECT_EQ(wire.count(Op::flash_data), 0U);
    wire.port_traits = {.has_lines = true, .has_baud = true};
    options.stub_directory.clear();
    plug();
    EXPECT_EQ(connected().baud(), 921'600U);
}

}  // namespace
}  // namespace imprint::loader
