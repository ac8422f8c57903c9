// What starts the work on a board, what ends it, and what an operator is shown meanwhile.
#include "station/bay_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::station {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Ending::Kind;
using prepare::SameBoard;
using prepare::Start;

constexpr MacAddress first_mac{{0x24, 0x0A, 0xC4, 0, 0, 1}};
constexpr MacAddress second_mac{{0x24, 0x0A, 0xC4, 0, 0, 2}};

class BayLifeTest : public ::testing::Test {
  protected:
    void use(const BayRules& rules) { bay_ = BayLife(rules); }

    std::vector<Order> happens(const Happening& what) { return bay_.apply(what, now_); }

    std::vector<Order> later(Milliseconds time) {
        now_ += time;
        return bay_.apply(Tick{}, now_);
    }

    std::vector<Order> ends(Kind kind, std::optional<MacAddress> mac = first_mac,
                            const std::string& code = {}) {
        return happens(Ended{{.kind = kind, .code = code, .reason = "because", .mac = mac}});
    }

    // A bay in which a board has come to this.
    void with_result(Kind kind) {
        ASSERT_THAT(happens(bridge_), ElementsAre(Order::begin));
        ASSERT_THAT(ends(kind), IsEmpty());
    }

    [[nodiscard]] BayStatus status() const { return bay_.view().status; }

    BayLife bay_{BayRules{}};
    Instant now_{std::chrono::hours(1)};
    const PortCame bridge_{"/dev/ttyUSB0", "0001", false};
    const PortCame own_{"/dev/ttyACM0", "24:0A:C4:00:00:01", true};
};

TEST_F(BayLifeTest, a_port_that_appears_starts_a_board_and_its_result_stays_until_it_is_out) {
    EXPECT_EQ(status(), BayStatus::empty);
    EXPECT_THAT(happens(bridge_), ElementsAre(Order::begin));
    EXPECT_EQ(status(), BayStatus::at_work);
    EXPECT_THAT(ends(Kind::passed), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_THAT(later(std::chrono::hours(1)), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_EQ(bay_.view().mac, first_mac);
    EXPECT_THAT(happens(PortWent{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    // An empty bay still tells of the last one.
    EXPECT_EQ(bay_.last()->mac, first_mac);
    EXPECT_THAT(happens(bridge_), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, a_board_that_does_not_answer_where_it_was_plugged_in_has_failed) {
    EXPECT_THAT(happens(bridge_), ElementsAre(Order::begin));
    EXPECT_THAT(ends(Kind::silent, std::nullopt), IsEmpty());
    EXPECT_EQ(status(), BayStatus::failed);
    EXPECT_EQ(bay_.view().reason, "because");
}

TEST_F(BayLifeTest, a_chip_that_is_its_own_usb_device_leaves_with_each_reset_and_is_not_out) {
    EXPECT_THAT(happens(own_), ElementsAre(Order::begin));
    happens(PortWent{});
    happens(own_);
    EXPECT_THAT(ends(Kind::passed), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    // It starts its application: once more away, and back under another name.
    happens(PortWent{});
    EXPECT_THAT(later(Milliseconds(2900)), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_THAT(happens(PortCame{"/dev/ttyACM1", own_.serial_number, true}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_EQ(bay_.port(), "/dev/ttyACM1");
}

TEST_F(BayLifeTest, a_chip_that_stays_away_is_out) {
    happens(own_);
    ends(Kind::passed);
    happens(PortWent{});
    ASSERT_TRUE(bay_.wakes());
    EXPECT_EQ(*bay_.wakes(), now_ + Milliseconds(3000));
    EXPECT_THAT(later(Milliseconds(3000)), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    EXPECT_FALSE(bay_.wakes());
    EXPECT_THAT(happens(own_), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, another_chip_that_is_plugged_in_at_once_is_known_by_its_serial_number) {
    happens(own_);
    ends(Kind::passed);
    happens(PortWent{});
    now_ += Milliseconds(500);
    EXPECT_THAT(happens(PortCame{"/dev/ttyACM0", "24:0A:C4:00:00:02", true}),
                ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, a_blank_chip_that_resets_itself_is_met_again_until_it_is_caught) {
    EXPECT_THAT(happens(own_), ElementsAre(Order::begin));
    happens(PortWent{});
    EXPECT_THAT(ends(Kind::board, std::nullopt, "port_gone"), IsEmpty());
    EXPECT_EQ(status(), BayStatus::at_work);
    now_ += Milliseconds(300);
    EXPECT_THAT(happens(own_), ElementsAre(Order::begin));
    // It went and came while the work had not ended yet.
    happens(PortWent{});
    happens(own_);
    EXPECT_THAT(ends(Kind::silent, std::nullopt, "board_silent"), ElementsAre(Order::begin));
    EXPECT_THAT(ends(Kind::passed), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
}

TEST_F(BayLifeTest, a_chip_that_is_never_caught_fails_after_some_tries) {
    use({.catches = 2});
    happens(own_);
    for (int i = 0; i < 2; ++i) {
        happens(PortWent{});
        happens(own_);
        EXPECT_THAT(ends(Kind::board, std::nullopt, "port_gone"), ElementsAre(Order::begin));
    }
    happens(PortWent{});
    happens(own_);
    EXPECT_THAT(ends(Kind::board, std::nullopt, "port_gone"), IsEmpty());
    EXPECT_EQ(status(), BayStatus::failed);
}

TEST_F(BayLifeTest, a_chip_that_left_before_it_was_caught_and_does_not_come_back_is_out) {
    happens(own_);
    happens(PortWent{});
    ends(Kind::board, std::nullopt, "port_gone");
    EXPECT_THAT(later(Milliseconds(3000)), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    EXPECT_EQ(bay_.last()->code, "port_gone");
}

TEST_F(BayLifeTest, a_board_that_is_pulled_at_work_leaves_an_empty_bay_that_tells_of_it) {
    happens(bridge_);
    EXPECT_THAT(happens(PortWent{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::at_work);
    EXPECT_THAT(ends(Kind::board, first_mac, "port_gone"), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    EXPECT_EQ(bay_.last()->code, "port_gone");
    EXPECT_TRUE(bay_.port().empty());
}

TEST_F(BayLifeTest, the_board_that_took_anothers_place_at_work_is_begun_when_the_work_has_ended) {
    happens(bridge_);
    happens(PortWent{});
    EXPECT_THAT(happens(bridge_), IsEmpty());
    EXPECT_THAT(ends(Kind::board, first_mac, "port_gone"), ElementsAre(Order::begin));
    EXPECT_EQ(status(), BayStatus::at_work);
}

TEST_F(BayLifeTest, a_chip_of_another_serial_number_that_came_at_work_is_begun_after_it) {
    happens(own_);
    happens(PortWent{});
    happens(PortCame{"/dev/ttyACM0", "24:0A:C4:00:00:02", true});
    EXPECT_THAT(ends(Kind::board, first_mac, "board_swapped"), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, where_the_port_stays_a_board_that_answers_is_begun) {
    use({.start = Start::answer});
    EXPECT_THAT(happens(bridge_), IsEmpty());
    EXPECT_EQ(bay_.wakes(), now_);
    EXPECT_THAT(later(Milliseconds(0)), ElementsAre(Order::ask));
    // One question at a time.
    EXPECT_THAT(later(std::chrono::hours(1)), IsEmpty());
    EXPECT_THAT(happens(NoAnswer{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    EXPECT_THAT(later(Milliseconds(2999)), IsEmpty());
    EXPECT_THAT(later(Milliseconds(1)), ElementsAre(Order::ask));
    EXPECT_THAT(happens(Answered{first_mac}), ElementsAre(Order::begin));
    EXPECT_FALSE(bay_.wakes());
}

TEST_F(BayLifeTest, where_the_port_stays_silence_means_out_and_another_answer_the_next_board) {
    use({.start = Start::answer});
    happens(bridge_);
    later(Milliseconds(0));
    happens(Answered{first_mac});
    ends(Kind::passed);
    EXPECT_THAT(later(Milliseconds(3000)), ElementsAre(Order::ask));
    EXPECT_THAT(happens(Answered{first_mac}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_THAT(later(Milliseconds(3000)), ElementsAre(Order::ask));
    EXPECT_THAT(happens(Answered{second_mac}), ElementsAre(Order::begin));
    ends(Kind::passed, second_mac);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(status(), BayStatus::passed);
        EXPECT_THAT(later(Milliseconds(3000)), ElementsAre(Order::ask));
        happens(NoAnswer{});
    }
    EXPECT_EQ(status(), BayStatus::empty);
}

TEST_F(BayLifeTest, where_the_port_stays_a_board_that_was_never_identified_is_not_begun_anew) {
    use({.start = Start::answer});
    happens(bridge_);
    later(Milliseconds(0));
    EXPECT_THAT(happens(Answered{first_mac}), ElementsAre(Order::begin));
    ends(Kind::board, std::nullopt, "board_lost");
    EXPECT_EQ(status(), BayStatus::failed);
    EXPECT_THAT(later(Milliseconds(3000)), ElementsAre(Order::ask));
    EXPECT_THAT(happens(Answered{first_mac}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::failed);
    EXPECT_THAT(later(Milliseconds(3000)), ElementsAre(Order::ask));
    EXPECT_THAT(happens(Answered{second_mac}), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, a_fixture_without_a_board_has_not_failed) {
    use({.start = Start::answer});
    happens(bridge_);
    later(Milliseconds(0));
    happens(Answered{first_mac});
    EXPECT_THAT(ends(Kind::silent, std::nullopt), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
}

TEST_F(BayLifeTest, the_start_key_starts_what_is_there_and_nothing_else_does) {
    use({.start = Start::key});
    EXPECT_THAT(happens(StartKey{}), IsEmpty());
    EXPECT_THAT(happens(bridge_), IsEmpty());
    EXPECT_THAT(happens(StartKey{}), ElementsAre(Order::begin));
    EXPECT_THAT(happens(StartKey{}), IsEmpty());
    ends(Kind::passed);
    EXPECT_THAT(happens(StartKey{}), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, the_start_key_means_nothing_while_the_chip_is_away) {
    happens(own_);
    ends(Kind::board);
    happens(PortWent{});
    EXPECT_THAT(happens(StartKey{}), IsEmpty());
}

TEST_F(BayLifeTest, a_failed_board_is_tried_once_more_by_the_start_key) {
    with_result(Kind::board);
    EXPECT_THAT(happens(StartKey{}), ElementsAre(Order::begin));
}

TEST_F(BayLifeTest, a_board_that_has_passed_before_is_prepared_anew_only_if_that_is_allowed) {
    with_result(Kind::passed_before);
    EXPECT_EQ(status(), BayStatus::passed);
    EXPECT_THAT(happens(AgainKey{}), ElementsAre(Order::begin_again));

    use({.again = SameBoard::refuse});
    with_result(Kind::passed_before);
    EXPECT_THAT(happens(AgainKey{}), IsEmpty());

    use({.again = SameBoard::prepare});
    EXPECT_THAT(happens(bridge_), ElementsAre(Order::begin_again));
}

TEST_F(BayLifeTest, work_is_stopped_by_a_key_and_the_board_stays_stopped) {
    EXPECT_THAT(happens(AbortKey{}), IsEmpty());
    happens(bridge_);
    EXPECT_THAT(happens(AbortKey{}), ElementsAre(Order::stop));
    EXPECT_EQ(status(), BayStatus::at_work);
    EXPECT_THAT(ends(Kind::stopped), IsEmpty());
    EXPECT_EQ(status(), BayStatus::stopped);
    EXPECT_THAT(later(std::chrono::hours(1)), IsEmpty());
}

TEST_F(BayLifeTest, waiting_for_a_chip_that_left_is_stopped_by_the_key_too) {
    happens(own_);
    happens(PortWent{});
    ends(Kind::board, std::nullopt, "port_gone");
    EXPECT_THAT(happens(AbortKey{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::stopped);
    EXPECT_THAT(later(Milliseconds(3000)), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
}

TEST_F(BayLifeTest, trouble_of_the_cloud_is_shown_as_waiting_and_goes_on) {
    EXPECT_THAT(happens(Held{"no network"}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    happens(bridge_);
    happens(Held{"no network"});
    EXPECT_EQ(status(), BayStatus::waiting);
    EXPECT_EQ(bay_.view().reason, "no network");
    happens(Resumed{});
    EXPECT_EQ(status(), BayStatus::at_work);
    EXPECT_EQ(bay_.view().reason, "");
    happens(Held{"no network"});
    ends(Kind::passed);
    happens(Resumed{});
    EXPECT_EQ(status(), BayStatus::passed);
}

TEST_F(BayLifeTest, a_bay_that_fails_board_after_board_is_switched_off_with_its_reason) {
    for (int i = 0; i < 4; ++i) {
        with_result(Kind::board);
        happens(PortWent{});
    }
    happens(bridge_);
    ends(Kind::silent, std::nullopt);
    EXPECT_EQ(status(), BayStatus::off);
    EXPECT_EQ(bay_.view().reason, "5 boards failed in a row");
    happens(PortWent{});
    EXPECT_THAT(happens(bridge_), IsEmpty());
    EXPECT_THAT(happens(StartKey{}), IsEmpty());
    EXPECT_THAT(happens(AgainKey{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::off);
    EXPECT_THAT(happens(SwitchOn{}), ElementsAre(Order::begin));
    // It has five once more.
    ends(Kind::board);
    EXPECT_EQ(status(), BayStatus::failed);
}

TEST_F(BayLifeTest, a_pass_ends_the_row_and_trouble_of_the_cloud_is_none_of_the_bays) {
    use({.failures = 2});
    with_result(Kind::board);
    happens(PortWent{});
    with_result(Kind::passed);
    happens(PortWent{});
    with_result(Kind::board);
    happens(PortWent{});
    with_result(Kind::station);
    EXPECT_EQ(status(), BayStatus::failed);
}

TEST_F(BayLifeTest, a_bay_may_be_left_on_whatever_fails) {
    use({.failures = 0});
    for (int i = 0; i < 20; ++i) {
        with_result(Kind::board);
        happens(PortWent{});
    }
    EXPECT_EQ(status(), BayStatus::empty);
}

TEST_F(BayLifeTest, a_bay_that_is_switched_off_at_work_finishes_its_board) {
    happens(bridge_);
    EXPECT_THAT(happens(SwitchOff{"its cable is bad", "change it"}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::at_work);
    ends(Kind::passed);
    EXPECT_EQ(status(), BayStatus::off);
    EXPECT_EQ(bay_.view().reason, "its cable is bad");
    EXPECT_EQ(bay_.view().hint, "change it");
    EXPECT_EQ(bay_.last()->kind, Kind::passed);
}

TEST_F(BayLifeTest, a_bay_without_a_board_is_switched_on_empty) {
    happens(SwitchOff{"not needed"});
    EXPECT_THAT(happens(SwitchOn{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::empty);
    // To switch on what is on changes nothing.
    with_result(Kind::passed);
    EXPECT_THAT(happens(SwitchOn{}), IsEmpty());
    EXPECT_EQ(status(), BayStatus::passed);
}

}  // namespace
}  // namespace imprint::station
