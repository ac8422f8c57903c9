// Lots and serial numbers, on both ledgers.
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class LedgerKind { sqlite, memory };

class LotsTest : public ::testing::TestWithParam<LedgerKind> {
  protected:
    void SetUp() override {
        open();
        begin("station-1");
    }

    void open() {
        if (GetParam() == LedgerKind::memory)
            ledger_ = std::make_unique<testing::MemoryLedger>(clock_, processes_);
        else
            ledger_ = *open_ledger(folder_.path() / "l.sqlite", clock_, {.processes = &processes_});
    }

    void begin(const std::string& station, const std::string& lot = "order-17") {
        RunFacts facts;
        facts.lot = lot;
        facts.station = station;
        run_ = *ledger_->begin_run(facts);
    }

    // As after a SIGKILL: the process is another, and the old one's attempts have no end.
    void die() {
        processes_.current += "x";
        begin("station-1");
    }

    static MacAddress board(int number) {
        MacAddress mac = *parse_mac("246f28000000");
        mac.octets[4] = static_cast<std::uint8_t>(number >> 8);
        mac.octets[5] = static_cast<std::uint8_t>(number);
        return mac;
    }

    AttemptId attempt(int number) {
        const AttemptId id = *ledger_->begin_attempt(run_, "bay0");
        EXPECT_TRUE(ledger_->identified(id, board(number), "esp32", board(number).id()));
        return id;
    }

    void end(AttemptId id, Outcome outcome, Fault fault = Fault::board) {
        EXPECT_TRUE(ledger_->end_attempt(id, outcome, "code", "reason", fault));
    }

    void one(int number, Outcome outcome, Fault fault = Fault::board) {
        end(attempt(number), outcome, fault);
    }

    // The serial number that the board gets, and its end.
    std::string made(int number, Outcome outcome = Outcome::passed) {
        const AttemptId id = attempt(number);
        const auto serial = ledger_->enter_lot(id);
        EXPECT_TRUE(serial) << serial.error().describe();
        end(id, outcome);
        if (outcome == Outcome::failed) {
            EXPECT_TRUE(ledger_->free_serial(id));
        }
        return serial.value_or("");
    }

    static LotFacts facts() {
        LotFacts lot;
        lot.name = "order-17";
        lot.serial_template = "S{number:3}";
        return lot;
    }

    std::vector<std::pair<MacAddress, Verdict>> standings() {
        std::vector<std::pair<MacAddress, Verdict>> all;
        EXPECT_TRUE(ledger_->each_lot_board("order-17", [&](const LotBoard& one) {
            all.emplace_back(one.mac, one.standing.now());
            return true;
        }));
        return all;
    }

    testing::LedgerClock clock_;
    testing::OneProcess processes_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::unique_ptr<Ledger> ledger_;
    RunId run_ = 0;
};

TEST_P(LotsTest, a_lot_is_found_by_its_name_or_its_code_with_all_that_was_said_of_it) {
    LotFacts lot = facts();
    lot.code = "4711";
    lot.target = 250;
    lot.limits = {"esp32s3", 1, 103, 8U << 20U, "digest"};
    lot.first_number = 500;
    lot.failed_serial = FailedSerial::free;
    lot.golden = {board(1), board(2)};
    ASSERT_TRUE(ledger_->open_lot(lot));
    for (const char* text : {"order-17", "4711"}) {
        const auto found = ledger_->find_lot(text).value();
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->facts, lot);
        EXPECT_EQ(found->state, LotState::open);
    }
    EXPECT_FALSE(*ledger_->find_lot("order-18"));
    ASSERT_TRUE(ledger_->open_lot({.name = "order-18"}));
    EXPECT_EQ(ledger_->find_lot("order-18").value()->facts.code, "order-18");
    EXPECT_EQ(ledger_->lots()->front().facts.name, "order-18") << "newest first";
}

TEST_P(LotsTest, a_code_means_one_lot) {
    ASSERT_TRUE(ledger_->open_lot({.name = "a", .code = "1"}));
    EXPECT_EQ(code_of(ledger_->open_lot({.name = "a", .code = "2"})), "lot_exists");
    EXPECT_EQ(code_of(ledger_->open_lot({.name = "b", .code = "1"})), "lot_exists");
    EXPECT_EQ(code_of(ledger_->open_lot({.name = "1"})), "lot_exists");
    EXPECT_EQ(code_of(ledger_->open_lot({.name = "b", .code = "a"})), "lot_exists");
    ASSERT_TRUE(ledger_->open_lot({.name = "b", .code = "2"}));
    EXPECT_EQ(code_of(ledger_->change_lot({.name = "b", .code = "1"})), "lot_exists");
    EXPECT_TRUE(ledger_->change_lot({.name = "b", .code = "2"})) << "its own";
}

TEST_P(LotsTest, a_lot_is_changed_paused_and_closed) {
    EXPECT_EQ(code_of(ledger_->change_lot(facts())), "lot_unknown");
    EXPECT_EQ(code_of(ledger_->set_lot_state("order-17", LotState::closed)), "lot_unknown");
    ASSERT_TRUE(ledger_->open_lot(facts()));
    LotFacts lot = facts();
    lot.target = 9;
    lot.first_number = 77;
    lot.golden = {board(3)};
    ASSERT_TRUE(ledger_->change_lot(lot));
    const auto opened = ledger_->find_lot("order-17").value();
    EXPECT_EQ(opened->facts.target, 9);
    EXPECT_THAT(opened->facts.golden, ElementsAre(board(3)));
    EXPECT_EQ(opened->facts.first_number, 1) << "numbers may be in use already";
    ASSERT_TRUE(ledger_->set_lot_state("order-17", LotState::paused));
    const auto paused = ledger_->find_lot("order-17").value();
    EXPECT_EQ(paused->state, LotState::paused);
    EXPECT_GT(paused->since, opened->since);
    EXPECT_EQ(paused->opened, opened->opened);
}

TEST_P(LotsTest, each_board_counts_once_by_its_first_judgement_and_by_how_it_stands) {
    one(1, Outcome::passed);
    one(2, Outcome::failed);
    one(2, Outcome::passed);
    one(3, Outcome::failed, Fault::station);
    one(3, Outcome::passed);
    one(4, Outcome::failed);
    one(4, Outcome::failed, Fault::station);
    one(5, Outcome::failed, Fault::station);
    one(6, Outcome::stopped);
    one(7, Outcome::failed);
    one(1, Outcome::skipped);
    one(8, Outcome::skipped);
    end(*ledger_->begin_attempt(run_, "bay0"), Outcome::failed);
    end(*ledger_->begin_attempt(run_, "bay0"), Outcome::empty);
    const LotCounts expected{.boards = 7,
                             .passed = 3,
                             .failed = 2,
                             .error = 1,
                             .aborted = 1,
                             .first_passed = 2,
                             .first_failed = 3,
                             .unidentified = 1};
    EXPECT_EQ(*ledger_->lot_counts("order-17"), expected);
    EXPECT_DOUBLE_EQ(expected.first_pass_yield().value(), 0.4);
    EXPECT_EQ(*ledger_->lot_counts("another"), LotCounts());
    EXPECT_FALSE(LotCounts().first_pass_yield());
}

TEST_P(LotsTest, the_living_are_at_work_and_the_dead_aborted) {
    attempt(1);
    EXPECT_EQ(ledger_->lot_counts("order-17")->running, 1U);
    die();
    const auto counts = *ledger_->lot_counts("order-17");
    EXPECT_EQ(counts.running, 0U);
    EXPECT_EQ(counts.aborted, 1U);
}

TEST_P(LotsTest, one_that_passed_stays_so_until_another_attempt_writes_over_it) {
    one(1, Outcome::passed);
    one(1, Outcome::failed);
    EXPECT_THAT(standings(), ElementsAre(std::pair(board(1), Verdict::passed)));
    const AttemptId again = attempt(1);
    ASSERT_TRUE(ledger_->overwriting(again, {}));
    end(again, Outcome::stopped);
    EXPECT_THAT(standings(), ElementsAre(std::pair(board(1), Verdict::aborted)));
    EXPECT_EQ(ledger_->lot_counts("order-17")->first_passed, 1U);
    one(1, Outcome::passed);
    EXPECT_THAT(standings(), ElementsAre(std::pair(board(1), Verdict::passed)));
}

TEST_P(LotsTest, a_board_comes_with_its_attempts_and_the_one_that_decided) {
    one(1, Outcome::failed);
    made(1);
    one(1, Outcome::skipped);
    one(2, Outcome::passed);
    std::vector<LotBoard> boards;
    ASSERT_TRUE(ledger_->each_lot_board("order-17", [&](const LotBoard& one) {
        boards.push_back(one);
        return true;
    }));
    ASSERT_THAT(boards, SizeIs(2));
    EXPECT_EQ(boards[0].mac, board(1));
    EXPECT_THAT(boards[0].attempts, SizeIs(3));
    EXPECT_EQ(boards[0].standing.attempts(), 2U);
    EXPECT_EQ(boards[0].deciding().outcome, Outcome::passed);
    EXPECT_EQ(boards[0].deciding().station, "station-1");
    EXPECT_EQ(boards[0].attempts[0].fault, Fault::board);
    std::size_t seen = 0;
    ASSERT_TRUE(ledger_->each_lot_board("order-17", [&](const LotBoard&) { return ++seen > 1; }));
    EXPECT_EQ(seen, 1U) << "false stops it";
}

// More than are read at once.
TEST_P(LotsTest, boards_of_any_number_come_once_each) {
    constexpr int many = 1201;
    if (GetParam() == LedgerKind::memory) {
        for (int i = 0; i < many; ++i)
            one(i, Outcome::passed);
    } else {
        auto database =
            sqlite::Database::open(folder_.path() / "l.sqlite", {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database->exec(fmt::format(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
            "INSERT INTO attempts (run, mac, bay, chip, thing, started, ended, outcome, lot) "
            "SELECT {}, printf('246f2800%04x', i), 'bay0', 'esp32', '', i, i, 'passed', "
            "'order-17' FROM n",
            many - 1, run_)));
    }
    const auto all = standings();
    ASSERT_THAT(all, SizeIs(many));
    for (int i = 0; i < many; ++i)
        EXPECT_EQ(all[static_cast<std::size_t>(i)].first, board(i));
    EXPECT_EQ(ledger_->lot_counts("order-17")->boards, static_cast<unsigned>(many));
}

TEST_P(LotsTest, attempts_without_a_board_are_told_oldest_first) {
    for (const char* code : {"first", "second"})
        ASSERT_TRUE(
            ledger_->end_attempt(*ledger_->begin_attempt(run_, "bay0"), Outcome::failed, code));
    end(*ledger_->begin_attempt(run_, "bay0"), Outcome::empty);
    std::vector<std::string> codes;
    ASSERT_TRUE(ledger_->each_unidentified("order-17", [&](const AttemptRecord& one) {
        codes.push_back(one.error_code);
        return true;
    }));
    EXPECT_THAT(codes, ElementsAre("first", "second"));
}

TEST_P(LotsTest, golden_samples_count_for_nothing) {
    const AttemptId golden = attempt(1);
    ASSERT_TRUE(ledger_->mark_golden(golden));
    end(golden, Outcome::failed);
    one(2, Outcome::passed);
    const LotCounts expected{.boards = 1, .passed = 1, .first_passed = 1, .golden = 1};
    EXPECT_EQ(*ledger_->lot_counts("order-17"), expected);
    EXPECT_TRUE(attempts(*ledger_, board(1))->front().golden);
}

TEST_P(LotsTest, golden_samples_are_due_until_they_pass_here_in_this_shift) {
    LotFacts lot = facts();
    lot.golden = {board(1), board(2)};
    const WallTime before = ledger_->now();
    const auto pass_golden = [&](int number) {
        const AttemptId id = attempt(number);
        ASSERT_TRUE(ledger_->mark_golden(id));
        end(id, Outcome::passed);
    };
    pass_golden(1);
    one(2, Outcome::passed);
    EXPECT_THAT(*ledger_->golden_due(lot, "station-1", before), ElementsAre(board(2)))
        << "it passed as any board, before it was a golden sample";
    pass_golden(2);
    EXPECT_THAT(*ledger_->golden_due(lot, "station-1", before), IsEmpty());
    EXPECT_THAT(*ledger_->golden_due(lot, "station-2", before), SizeIs(2));
    EXPECT_THAT(*ledger_->golden_due(lot, "station-1", ledger_->now()), SizeIs(2));
    lot.name = "another";
    EXPECT_THAT(*ledger_->golden_due(lot, "station-1", before), SizeIs(2));
}

TEST_P(LotsTest, a_board_with_a_new_identity_keeps_its_serial_number) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    EXPECT_EQ(made(1), "S001");
    one(1, Outcome::passed);
    one(1, Outcome::failed);
    one(2, Outcome::passed);
    const auto of = [&](int number) {
        std::vector<std::string> all;
        for (const auto& attempt : *attempts(*ledger_, board(number), 10))
            all.push_back(attempt.serial);
        return all;
    };
    EXPECT_THAT(of(1), ElementsAre("", "S001", "S001")) << "the latest first";
    EXPECT_THAT(of(2), ElementsAre(""));
}

TEST_P(LotsTest, a_lot_has_as_many_places_as_its_target) {
    LotFacts lot = facts();
    lot.target = 2;
    ASSERT_TRUE(ledger_->open_lot(lot));
    EXPECT_EQ(made(1), "S001");
    const AttemptId at_work = attempt(2);
    ASSERT_TRUE(ledger_->enter_lot(at_work));
    const AttemptId late = attempt(3);
    EXPECT_EQ(code_of(ledger_->enter_lot(late)), "lot_full") << "one passed, one is at work";
    EXPECT_THAT(*ledger_->serials(board(3)), IsEmpty());
    end(at_work, Outcome::failed);
    EXPECT_TRUE(ledger_->enter_lot(late)) << "its place is free again";
    end(late, Outcome::passed);
    EXPECT_EQ(code_of(ledger_->enter_lot(attempt(2))), "lot_full");
    EXPECT_EQ(made(1), "S001") << "it is in it already";
    lot.target = 3;
    ASSERT_TRUE(ledger_->change_lot(lot));
    EXPECT_TRUE(ledger_->enter_lot(attempt(2)));
}

TEST_P(LotsTest, the_dead_and_golden_samples_take_no_place) {
    LotFacts lot = facts();
    lot.target = 1;
    ASSERT_TRUE(ledger_->open_lot(lot));
    ASSERT_TRUE(ledger_->enter_lot(attempt(1)));
    die();
    const AttemptId golden = attempt(2);
    ASSERT_TRUE(ledger_->mark_golden(golden));
    end(golden, Outcome::passed);
    EXPECT_TRUE(ledger_->enter_lot(attempt(3)));
}

TEST_P(LotsTest, where_numbers_are_on_labels_a_board_needs_its_own) {
    LotFacts lot = facts();
    lot.serial_template = "TH-{scan}";
    ASSERT_TRUE(ledger_->open_lot(lot));
    const AttemptId first = attempt(1);
    EXPECT_EQ(code_of(ledger_->enter_lot(first)), "serial_not_scanned");
    EXPECT_EQ(code_of(ledger_->enter_lot(first, "order-17")), "serial_bad");
    EXPECT_THAT(*ledger_->serials(board(1)), IsEmpty());
    EXPECT_EQ(*ledger_->enter_lot(first, "TH-7"), "TH-7");
    EXPECT_EQ(*ledger_->enter_lot(attempt(1)), "TH-7") << "once scanned, it is the board's";
}

TEST_P(LotsTest, boards_are_found_by_the_beginning_of_what_they_are_called) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    for (const int number : {1, 2, 3})
        made(number);
    const auto thing = *ledger_->begin_attempt(run_, "bay0");
    ASSERT_TRUE(ledger_->identified(thing, board(9), "esp32", "lamp-9"));
    EXPECT_THAT(*ledger_->find_boards(board(2).id(), 20), ElementsAre(board(2)));
    EXPECT_THAT(*ledger_->find_boards(board(2).id().substr(0, 11), 20), SizeIs(4));
    EXPECT_THAT(*ledger_->find_boards(board(2).id().substr(0, 11), 2),
                ElementsAre(board(1), board(2)));
    EXPECT_THAT(*ledger_->find_boards("S00", 20), ElementsAre(board(1), board(2), board(3)));
    EXPECT_THAT(*ledger_->find_boards("S003", 20), ElementsAre(board(3)));
    EXPECT_THAT(*ledger_->find_boards("lamp", 20), ElementsAre(board(9)));
    EXPECT_THAT(*ledger_->find_boards("%", 20), IsEmpty());
}

TEST_P(LotsTest, a_serial_number_is_one_boards_and_used_up_by_its_pass) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    EXPECT_EQ(made(1, Outcome::failed), "S001");
    EXPECT_EQ(ledger_->find_serial("S001").value()->state, SerialState::reserved);
    EXPECT_EQ(made(2), "S002");
    EXPECT_EQ(ledger_->find_serial("S002").value()->state, SerialState::used);
    EXPECT_EQ(made(1), "S001") << "kept for it";
    EXPECT_EQ(ledger_->find_serial("S001").value()->state, SerialState::used);
    EXPECT_EQ(made(1), "S001") << "again";
    EXPECT_EQ(attempts(*ledger_, board(1))->front().serial, "S001");
    EXPECT_FALSE(*ledger_->find_serial("S003"));
}

TEST_P(LotsTest, after_a_death_the_board_gets_the_number_that_it_had) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    EXPECT_EQ(*ledger_->enter_lot(attempt(1)), "S001");
    die();
    if (GetParam() == LedgerKind::sqlite) {
        ledger_.reset();
        open();
        begin("station-1");
    }
    EXPECT_EQ(*ledger_->enter_lot(attempt(2)), "S002");
    const AttemptId rerun = attempt(1);
    EXPECT_EQ(*ledger_->enter_lot(rerun), "S001");
    end(rerun, Outcome::passed);
    EXPECT_THAT(*ledger_->serials(board(1)), SizeIs(1));
}

TEST_P(LotsTest, a_failed_boards_number_goes_to_the_next_if_the_lot_says_so) {
    LotFacts lot = facts();
    lot.failed_serial = FailedSerial::free;
    ASSERT_TRUE(ledger_->open_lot(lot));
    EXPECT_EQ(made(1, Outcome::failed), "S001");
    EXPECT_EQ(attempts(*ledger_, board(1))->front().serial, "");
    EXPECT_EQ(made(2), "S001");
    EXPECT_EQ(made(1), "S002");
    const AttemptId again = attempt(1);
    EXPECT_EQ(*ledger_->enter_lot(again), "S002");
    end(again, Outcome::failed);
    ASSERT_TRUE(ledger_->free_serial(again));
    EXPECT_EQ(ledger_->find_serial("S002").value()->mac, board(1)) << "a used one stays";
    ASSERT_TRUE(ledger_->enter_lot(attempt(3)));
    EXPECT_EQ(ledger_->find_serial("S003").value()->mac, board(3));
}

TEST_P(LotsTest, a_label_may_say_the_number) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    EXPECT_EQ(*ledger_->enter_lot(attempt(1), "S001"), "S001");
    EXPECT_EQ(code_of(ledger_->enter_lot(attempt(2), "S001")), "serial_taken");
    EXPECT_EQ(*ledger_->enter_lot(attempt(2)), "S002") << "past what a label has used";
    const AttemptId relabelled = attempt(1);
    EXPECT_EQ(*ledger_->enter_lot(relabelled, "X"), "X") << "another label, before it passed";
    EXPECT_FALSE(*ledger_->find_serial("S001"));
    end(relabelled, Outcome::passed);
    EXPECT_EQ(code_of(ledger_->enter_lot(attempt(1), "Y")), "serial_taken");
    EXPECT_EQ(*ledger_->enter_lot(attempt(1), "X"), "X");
}

TEST_P(LotsTest, without_a_template_or_a_label_there_is_no_number) {
    EXPECT_EQ(*ledger_->enter_lot(attempt(1)), "") << "a lot that nobody has opened";
    EXPECT_EQ(*ledger_->enter_lot(attempt(1), "label"), "label");
    begin("station-1", "plain");
    ASSERT_TRUE(ledger_->open_lot({.name = "plain"}));
    EXPECT_EQ(*ledger_->enter_lot(attempt(1)), "");
}

TEST_P(LotsTest, numbers_begin_where_the_lot_says_and_go_on_past_another_lots) {
    LotFacts lot = facts();
    lot.first_number = 7;
    ASSERT_TRUE(ledger_->open_lot(lot));
    EXPECT_EQ(made(1), "S007");
    begin("station-1", "order-18");
    lot.name = "order-18";
    ASSERT_TRUE(ledger_->open_lot(lot));
    EXPECT_EQ(made(2), "S008");
    lot.name = "by mac";
    lot.serial_template = "{mac}";
    ASSERT_TRUE(ledger_->open_lot(lot));
    begin("station-1", "by mac");
    EXPECT_EQ(made(2), board(2).id());
    EXPECT_THAT(*ledger_->serials(board(2)), SizeIs(2)) << "one a lot";
}

TEST_P(LotsTest, many_bays_never_get_one_number_twice) {
    ASSERT_TRUE(ledger_->open_lot(facts()));
    std::vector<AttemptId> ids;
    for (int i = 0; i < 24; ++i)
        ids.push_back(attempt(i));
    std::vector<std::future<std::string>> bays;
    for (const AttemptId id : ids)
        bays.push_back(std::async(std::launch::async,
                                  [this, id] { return ledger_->enter_lot(id).value_or(""); }));
    std::set<std::string> serials;
    for (auto& bay : bays)
        serials.insert(bay.get());
    EXPECT_THAT(serials, SizeIs(24));
    EXPECT_TRUE(serials.contains("S024")) << "and none is left out";
}

INSTANTIATE_TEST_SUITE_P(, LotsTest, ::testing::Values(LedgerKind::sqlite, LedgerKind::memory),
                         [](const auto& kind) {
                             return kind.param == LedgerKind::sqlite ? "sqlite" : "memory";
                         });

}  // namespace
}  // namespace imprint::ledger
