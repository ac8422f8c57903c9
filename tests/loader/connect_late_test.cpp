// From a port to a board, where this computer or the network is slow: that is not the board's
// fault.
#include <utility>

#include "loader/connect_fixture.h"

namespace imprint::loader {
namespace {

using testing::Connect;
using testing::Fault;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using Seen = testing::FaultyPort::Seen;

TEST_F(Connect, a_board_whose_answers_are_long_under_way_is_found) {
    wire.under_way = 1200ms;
    EXPECT_EQ(connected().info().mac, chip().mac());
}

TEST_F(Connect, what_came_while_nobody_looked_came_in_time) {
    wire.under_way = 10ms;
    wire.reader_stalls = 5s;
    EXPECT_EQ(connected().info().mac, chip().mac());
}

// What is between looks at the lines now and then, and does not see what was between two looks.
class LinesSeenLate final : public transport::Port {
  public:
    LinesSeenLate(testing::FaultyPort& wire, Milliseconds every) : wire_(wire), every_(every) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        IMPRINT_CHECK(look());
        return wire_.read(into, patience);
    }

    Result<void> write(ByteView bytes) override {
        IMPRINT_CHECK(look());
        return wire_.write(bytes);
    }

    Result<void> set_lines(transport::Lines lines) override {
        IMPRINT_CHECK(look());
        lines_ = lines;
        return {};
    }

    Result<void> set_baud(std::uint32_t baud) override { return wire_.set_baud(baud); }

    Result<void> discard_input() override { return wire_.discard_input(); }

    [[nodiscard]] const transport::PortTraits& traits() const override { return wire_.traits(); }

    [[nodiscard]] const std::string& name() const override { return wire_.name(); }

  private:
    [[nodiscard]] Result<void> look() {
        const auto number = wire_.now().time_since_epoch() / every_;
        if (number == std::exchange(last_, number) || lines_ == seen_) return {};
        seen_ = lines_;
        return wire_.set_lines(lines_);
    }

    testing::FaultyPort& wire_;
    Milliseconds every_;
    std::int64_t last_ = 0;
    transport::Lines lines_;
    transport::Lines seen_;
};

TEST_F(Connect, a_reset_is_seen_also_where_lines_are_looked_at_late) {
    const MacAddress mac = chip().mac();
    LinesSeenLate port(wire, 700ms);
    const auto board = Board::connect(port, options, wire, log, {});
    ASSERT_TRUE(board) << board.error().describe();
    EXPECT_EQ(board->info().mac, mac);
}

TEST_F(Connect, where_all_is_late_the_computer_is_named_before_the_wires) {
    wire.under_way = 1200ms;
    // Two answers come, when nobody waits for them any more.
    wire.fault = [](const Seen& request, unsigned number) {
        return request.op != Op::sync || number > 1 ? Fault::lose_request : Fault::none;
    };
    const auto late = connect();
    expect_error(late, "no_board");
    EXPECT_THAT(late.error().message, HasSubstr("came late"));
    EXPECT_THAT(late.error().hint, StartsWith("this computer, or the network"));
}

TEST_F(Connect, an_answer_that_does_not_come_is_the_computers_too_where_others_were_late) {
    wire.under_way = 2500ms;
    wire.fault = [](const Seen& request, unsigned) {
        return request.op == Op::sync ? Fault::none : Fault::lose_request;
    };
    const auto late = connect();
    expect_error(late, "board_lost");
    EXPECT_THAT(late.error().hint, StartsWith("this computer, or the network"));
}

TEST_F(Connect, a_computer_that_sleeps_too_long_is_named_before_the_wires) {
    wire.io0_wired = false;
    wire.oversleeps = 300ms;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().hint, StartsWith("this computer, or the network"));
    EXPECT_THAT(board.error().hint, HasSubstr("DTR to IO0"));
}

}  // namespace
}  // namespace imprint::loader
