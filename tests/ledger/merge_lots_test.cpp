// Lots and serial numbers of several stations brought together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MergeLotsTest : public ::testing::Test {
  protected:
    struct Station {
        std::filesystem::path path;
        std::unique_ptr<Ledger> ledger;
        RunId run = 0;
    };

    Station station(const std::string& name, const std::string& lot = "order-17") {
        Station made;
        made.path = folder_.path() / (name + ".sqlite");
        made.ledger = *open_ledger(made.path, clock_, {.processes = &processes_});
        RunFacts facts;
        facts.lot = lot;
        facts.station = name;
        made.run = *made.ledger->begin_run(facts);
        return made;
    }

    static AttemptId enter(Station& at, const MacAddress& mac, const std::string& label = {}) {
        const AttemptId id = *at.ledger->begin_attempt(at.run, "bay0");
        EXPECT_TRUE(at.ledger->identified(id, mac, "esp32", mac.id()));
        EXPECT_TRUE(at.ledger->enter_lot(id, label));
        return id;
    }

    static void pass(Station& at, const MacAddress& mac, const std::string& label = {}) {
        EXPECT_TRUE(at.ledger->end_attempt(enter(at, mac, label), Outcome::passed));
    }

    MergeReport merge(const Station& into, const Station& from) {
        const auto report = merge_ledger(into.path, from.path, {.processes = &processes_});
        EXPECT_TRUE(report) << (report ? "" : report.error().describe());
        return report.value_or(MergeReport{});
    }

    testing::LedgerClock clock_;
    testing::OneProcess processes_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    const MacAddress mac_a_ = *parse_mac("246f28aabbcc");
    const MacAddress mac_b_ = *parse_mac("246f28aabbcd");
    const LotFacts facts_{.name = "order-17",
                          .code = "4711",
                          .target = 10,
                          .serial_template = "S{number:3}",
                          .golden = {mac_b_}};
};

TEST_F(MergeLotsTest, a_lot_comes_with_its_boards_and_numbers_and_follows_its_station) {
    Station a = station("a", "other");
    Station b = station("b");
    ASSERT_TRUE(b.ledger->open_lot(facts_));
    pass(b, mac_a_);
    const MergeReport first = merge(a, b);
    EXPECT_EQ(first.lots, 1);
    EXPECT_EQ(first.serials, 1);
    EXPECT_THAT(first.conflicts, IsEmpty());
    const auto lot = a.ledger->find_lot("4711").value();
    ASSERT_TRUE(lot);
    EXPECT_EQ(lot->facts, facts_);
    EXPECT_TRUE(lot->merged);
    EXPECT_EQ(a.ledger->lot_counts("order-17")->passed, 1U);
    EXPECT_EQ(attempts(*a.ledger, mac_a_)->front().serial, "S001");

    LotFacts later = facts_;
    later.target = 20;
    later.golden = {};
    ASSERT_TRUE(b.ledger->change_lot(later));
    ASSERT_TRUE(b.ledger->set_lot_state("order-17", LotState::closed));
    const MergeReport second = merge(a, b);
    EXPECT_EQ(second.lots, 0);
    EXPECT_EQ(second.serials, 0);
    EXPECT_EQ(a.ledger->find_lot("order-17").value()->facts, later);
    EXPECT_EQ(a.ledger->find_lot("order-17").value()->state, LotState::closed);
}

TEST_F(MergeLotsTest, one_that_was_opened_at_both_stays_as_it_is_here) {
    Station a = station("a");
    Station b = station("b");
    ASSERT_TRUE(a.ledger->open_lot({.name = "order-17", .target = 3}));
    ASSERT_TRUE(b.ledger->open_lot(facts_));
    ASSERT_TRUE(b.ledger->set_lot_state("order-17", LotState::closed));
    pass(a, mac_a_);
    pass(b, mac_b_);
    EXPECT_EQ(merge(a, b).lots, 0);
    const auto lot = a.ledger->find_lot("order-17").value();
    EXPECT_EQ(lot->facts.target, 3);
    EXPECT_EQ(lot->state, LotState::open);
    EXPECT_FALSE(lot->merged);
    EXPECT_EQ(a.ledger->lot_counts("order-17")->passed, 2U);
}

TEST_F(MergeLotsTest, a_code_that_is_another_lots_here_is_left_out) {
    Station a = station("a");
    Station b = station("b");
    ASSERT_TRUE(a.ledger->open_lot({.name = "mine", .code = "4711"}));
    ASSERT_TRUE(b.ledger->open_lot(facts_));
    merge(a, b);
    EXPECT_EQ(a.ledger->find_lot("4711").value()->facts.name, "mine");
    EXPECT_EQ(a.ledger->find_lot("order-17").value()->facts.code, "order-17");
}

TEST_F(MergeLotsTest, a_number_that_two_boards_have_is_told_and_stays_as_it_is_here) {
    Station a = station("a");
    Station b = station("b");
    for (Station* one : {&a, &b})
        ASSERT_TRUE(one->ledger->open_lot(facts_));
    pass(a, mac_a_);
    pass(b, mac_b_);
    for (int round = 0; round < 2; ++round) {
        const auto conflicts = merge(a, b).conflicts;
        ASSERT_THAT(conflicts, SizeIs(1));
        EXPECT_EQ(conflicts.front().describe(),
                  "serial number S001 is that of board 246f28aabbcc here, and of board "
                  "246f28aabbcd there");
    }
    EXPECT_EQ(a.ledger->find_serial("S001").value()->mac, mac_a_);
}

TEST_F(MergeLotsTest, a_board_with_two_numbers_in_one_lot_is_told) {
    Station a = station("a");
    Station b = station("b");
    pass(a, mac_a_, "X");
    pass(b, mac_a_, "Y");
    const auto conflicts = merge(a, b).conflicts;
    ASSERT_THAT(conflicts, SizeIs(1));
    EXPECT_EQ(conflicts.front().describe(),
              "board 246f28aabbcc has serial number X here, and Y there");
}

TEST_F(MergeLotsTest, what_is_only_reserved_elsewhere_is_that_stations) {
    Station a = station("a");
    Station b = station("b");
    enter(b, mac_b_, "X");
    EXPECT_EQ(merge(a, b).serials, 0);
    pass(a, mac_a_, "X");
    EXPECT_THAT(merge(a, b).conflicts, SizeIs(1)) << "it has the label of a board that passed here";
}

TEST_F(MergeLotsTest, a_label_that_was_reserved_here_and_used_there_is_used) {
    Station a = station("a");
    Station b = station("b");
    enter(a, mac_a_, "X");
    pass(b, mac_a_, "X");
    EXPECT_THAT(merge(a, b).conflicts, IsEmpty());
    EXPECT_EQ(a.ledger->find_serial("X").value()->state, SerialState::used);
}

TEST_F(MergeLotsTest, a_ledger_with_a_number_of_no_board_is_refused) {
    Station a = station("a");
    Station b = station("b");
    pass(b, mac_b_, "X");
    {
        auto database = sqlite::Database::open(b.path, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database->exec("UPDATE serials SET mac = 'hello'"));
    }
    EXPECT_EQ(code_of(merge_ledger(a.path, b.path)), "ledger_damaged");
}

}  // namespace
}  // namespace imprint::ledger
