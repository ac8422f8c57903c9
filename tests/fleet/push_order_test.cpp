// The order of effects of a push, and each guard in it: when a queued one comes into force, and
// what goes for it.
#include <gmock/gmock.h>
#include <thread>

#include "base/error_code.h"
#include "fleet/fleet_world.h"
#include "fleet/push.h"

namespace imprint::fleet {
namespace {

using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Strike;
using ::testing::UnorderedElementsAre;

class PushOrder : public testing::FleetWorld {
  protected:
    // Each queued one's error code; empty: it was pushed.
    std::vector<std::string> push(const PushOptions& options) {
        std::vector<std::string> codes;
        summary_ = push_queue(recorded_, ledger_, options,
                              [&](const auto&, const Result<PushReport>& pushed) {
                                  codes.push_back(pushed ? "" : pushed.error().code);
                              });
        return codes;
    }

    std::vector<std::string> push() { return push({.ca_pem = {}, .rivals = later_, .log = {}}); }

    Result<PushSummary> summary_;
};

TEST_F(PushOrder, one_that_was_pushed_is_active_on_its_thing_and_owed_no_more) {
    const Made one = queued(mac_);
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_EQ(summary_->pushed, 1U);
    EXPECT_EQ(status(one.id), "ACTIVE");
    EXPECT_THAT(registry_.certificates.at(one.id).things, ElementsAre(mac_.id()));
    EXPECT_THAT(registry_.certificates.at(one.id).policies, ElementsAre("p"));
    EXPECT_EQ(state(one.row), CertificateState::proven);
    EXPECT_THAT(push(), IsEmpty()) << "there is nothing left";
}

TEST_F(PushOrder, of_two_stations_that_activate_at_once_the_one_made_first_gives_way) {
    const Made mine = queued(mac_);
    std::string theirs;
    just_before("activate",
                [&] { theirs = registry_.put(CertificateStatus::active, {mac_.id()}); });
    EXPECT_THAT(push(), ElementsAre("board_at_another_station"));
    EXPECT_THAT(registry_.active(), ElementsAre(theirs));
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, one_that_does_not_come_into_force_is_not_left_to_come_later) {
    const Made mine = queued(mac_);
    just_before("await_in_force", [&] { registry_.certificates.at(mine.id).things.clear(); });
    EXPECT_THAT(push(), ElementsAre("identity_lost"));
    EXPECT_EQ(status(mine.id), "INACTIVE");
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, what_another_station_has_made_since_is_left_to_it_and_mine_not_activated) {
    const Made mine = queued(mac_);
    const std::string theirs = registry_.put(CertificateStatus::active, {mac_.id()});
    EXPECT_THAT(push(), ElementsAre("board_at_another_station"));
    EXPECT_THAT(registry_.active(), ElementsAre(theirs));
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, what_the_board_gets_next_does_not_go_for_it) {
    const std::string former = registry_.put(CertificateStatus::active, {mac_.id()});
    const Made mine = queued(mac_);
    const Made next = make(CertificateState::staged, CertificateStatus::inactive);
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_EQ(status(former), "gone");
    EXPECT_EQ(status(mine.id), "ACTIVE");
    EXPECT_EQ(status(next.id), "INACTIVE") << "its image may be on its way to the board";
    EXPECT_EQ(state(next.row), CertificateState::staged);
}

TEST_F(PushOrder, a_former_one_that_stays_leaves_it_queued_to_be_gone_on_with) {
    const std::string former = registry_.put(CertificateStatus::active, {mac_.id()});
    const Made mine = queued(mac_);
    strike("retire", Strike::refused);
    EXPECT_THAT(push(), ElementsAre("InternalFailureException"));
    EXPECT_EQ(status(mine.id), "ACTIVE");
    EXPECT_EQ(state(mine.row), CertificateState::queued);
    registry_.strike = {};
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_EQ(status(former), "gone");
    EXPECT_EQ(state(mine.row), CertificateState::proven);
}

TEST_F(PushOrder, one_that_somebody_has_taken_away_meanwhile_is_not_called_registered) {
    registry_.put(CertificateStatus::active, {mac_.id()});
    const Made mine = queued(mac_);
    just_before("retire", [&] { set_status(mine.id, CertificateStatus::inactive); });
    EXPECT_THAT(push(), ElementsAre("identity_lost"));
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, a_superseded_one_is_never_registered_and_its_successor_is) {
    const Made first = queued(mac_);
    const Made second = queued(mac_);
    EXPECT_THAT(push(), ElementsAre("", ""));
    EXPECT_EQ(summary_->superseded, 1U);
    EXPECT_EQ(status(first.id), "gone");
    EXPECT_EQ(state(first.row), CertificateState::gone);
    EXPECT_THAT(registry_.active(), ElementsAre(second.id));
}

// The queue is read many at a time, and other processes work on its boards meanwhile.
TEST_F(PushOrder, one_whose_board_is_prepared_while_others_are_pushed_is_never_registered) {
    const Made first = queued(mac_);
    const Made second = queued(second_);
    Made theirs;
    just_before("ensure_thing", [&] {
        theirs = make(CertificateState::proven, CertificateStatus::active, second_, ledger_);
    });
    int activated = 0;
    registry_.after = [&](const std::string& call) { activated += call == "activate" ? 1 : 0; };
    EXPECT_THAT(push(), ElementsAre("", ""));
    EXPECT_EQ(activated, 1);
    EXPECT_EQ(summary_->superseded, 1U);
    EXPECT_EQ(status(second.id), "gone");
    EXPECT_EQ(state(second.row), CertificateState::gone);
    EXPECT_THAT(registry_.active(), UnorderedElementsAre(first.id, theirs.id));
    EXPECT_EQ(state(theirs.row), CertificateState::proven);
}

TEST_F(PushOrder, one_that_is_retired_while_others_are_pushed_is_left_alone) {
    const Made first = queued(mac_);
    const Made second = queued(second_);
    just_before("ensure_thing", [&] { EXPECT_TRUE(ledger_.certificate_gone(second_, second.id)); });
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_THAT(registry_.active(), ElementsAre(first.id));
    EXPECT_EQ(state(second.row), CertificateState::gone);
}

TEST_F(PushOrder, one_whose_board_is_prepared_while_it_is_activated_gives_way_and_then_goes) {
    const Made mine = queued(mac_);
    Made theirs;
    just_before("activate", [&] {
        theirs = make(CertificateState::proven, CertificateStatus::active, mac_, ledger_);
    });
    EXPECT_THAT(push(), ElementsAre("board_at_another_station"));
    EXPECT_EQ(status(mine.id), "INACTIVE");
    registry_.strike = {};
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_EQ(state(mine.row), CertificateState::gone);
    EXPECT_THAT(registry_.active(), ElementsAre(theirs.id));
}

TEST_F(PushOrder, one_whose_board_is_overwritten_while_it_is_activated_goes_and_no_former_one) {
    const std::string former = registry_.put(CertificateStatus::active, {mac_.id()});
    const Made mine = queued(mac_);
    just_before("activate", [&] {
        const auto later = attempt(mac_, ledger_);
        EXPECT_TRUE(ledger_.overwriting(later, {}));
        EXPECT_TRUE(ledger_.end_attempt(later, ledger::Outcome::failed, "x", "x"));
    });
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_EQ(summary_->superseded, 1U);
    EXPECT_THAT(registry_.active(), ElementsAre(former));
    EXPECT_EQ(state(mine.row), CertificateState::gone);
}

TEST_F(PushOrder, one_that_is_retired_while_it_is_activated_goes_again) {
    const Made mine = queued(mac_);
    just_before("activate", [&] { EXPECT_TRUE(ledger_.certificate_gone(mac_, mine.id)); });
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(state(mine.row), CertificateState::gone);
}

TEST_F(PushOrder, one_that_is_retired_while_former_ones_go_is_not_called_proven) {
    registry_.put(CertificateStatus::active, {mac_.id()});
    const Made mine = queued(mac_);
    just_before("retire", [&] { EXPECT_TRUE(ledger_.certificate_gone(mac_, mine.id)); });
    EXPECT_THAT(push(), ElementsAre(""));
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(state(mine.row), CertificateState::gone);
}

TEST_F(PushOrder, one_whose_board_is_in_hand_waits) {
    const Made mine = queued(mac_);
    EXPECT_TRUE(ledger_.claim(attempt(mac_, ledger_), false));
    EXPECT_THAT(push(), ElementsAre("board_twice"));
    EXPECT_THAT(registry_.active(), IsEmpty());
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, one_whose_board_comes_to_hand_while_it_is_activated_is_inactive_again) {
    const Made mine = queued(mac_);
    just_before("activate", [&] { EXPECT_TRUE(ledger_.claim(attempt(mac_, ledger_), false)); });
    EXPECT_THAT(push(), ElementsAre("board_twice"));
    EXPECT_EQ(status(mine.id), "INACTIVE");
    EXPECT_EQ(state(mine.row), CertificateState::queued);
}

TEST_F(PushOrder, one_that_fails_keeps_no_other_from_being_pushed) {
    const Made first = queued(mac_);
    const Made second = queued(second_);
    just_before("attach", [&] { registry_.things.erase(mac_.id()); });
    EXPECT_THAT(push(), ElementsAre("ResourceNotFoundException", ""));
    EXPECT_EQ(summary_->failed, 1U);
    EXPECT_EQ(state(first.row), CertificateState::queued);
    EXPECT_EQ(state(second.row), CertificateState::proven);
}

TEST_F(PushOrder, a_ledger_that_cannot_be_written_ends_it_before_the_next_board) {
    queued(mac_);
    const Made second = queued(second_);
    ledger_.refuse = [](const char* write) -> Result<void> {
        if (std::string_view(write) != "registered") return {};
        return fail(ErrorKind::ledger, "ledger_unwritable", "full");
    };
    EXPECT_THAT(push(), ElementsAre("ledger_unwritable"));
    EXPECT_EQ(code_of(summary_), "ledger_unwritable");
    EXPECT_EQ(status(second.id), "gone") << "never heard of";
}

TEST_F(PushOrder, a_stop_ends_it_between_two_boards) {
    queued(mac_);
    const Made second = queued(second_);
    int asked = 0;
    EXPECT_THAT(push({.ca_pem = {},
                      .rivals = later_,
                      .log = {},
                      .workers = 1,
                      .stopped = [&] { return ++asked > 1; }}),
                ElementsAre(""));
    EXPECT_TRUE(summary_->stopped);
    EXPECT_EQ(state(second.row), CertificateState::queued);
}

TEST_F(PushOrder, one_boards_are_never_in_two_hands) {
    const Made first = queued(mac_);
    const Made second = queued(mac_);
    // The first one's retirement is told of, for another thing uses it as well: here it waits for
    // the second worker, which finds nothing free.
    static_cast<void>(registry_.ensure_registered(
        first.id, ledger_.queued_registrations().value().front().pem, {}));
    registry_.certificates.at(first.id).things = {mac_.id(), "gateway"};
    std::atomic<bool> second_begun = false;
    registry_.strike = [&](const std::string& call) {
        second_begun = second_begun || call == "ensure_thing";
        return Strike::none;
    };
    bool both = false;
    const Log log([&](LogLevel, std::string_view line) {
        if (!line.contains("is used by")) return;
        for (int i = 0; i < 100 && !second_begun; ++i)
            std::this_thread::sleep_for(Milliseconds(1));
        both = second_begun;
    });
    EXPECT_THAT(push({.ca_pem = {}, .rivals = later_, .log = log, .workers = 2}),
                ElementsAre("", ""));
    EXPECT_FALSE(both);
    EXPECT_EQ(status(second.id), "ACTIVE");
}

}  // namespace
}  // namespace imprint::fleet
