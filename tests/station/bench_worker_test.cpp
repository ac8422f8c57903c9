// The real work in a bench's bays: with which firmware, under which run, and what it comes to.
#include "station/bench_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "base/error_code.h"
#include "station/endings.h"
#include "station/station_world.h"

namespace imprint::station {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using Kind = Ending::Kind;

class BenchWorkerTest : public testing::StationWorld {
  protected:
    BenchWorkerTest() {
        options_.ports.clear();
        options_.lot.clear();
        // A build of the test's own: it is changed.
        std::filesystem::copy(sample_->path(), project_.path(),
                              std::filesystem::copy_options::recursive);
        settings_.firmware.directory = project_.path();
        set_age(std::chrono::hours(-1));
    }

    void begin() {
        worker_.emplace(settings_, options_, surroundings_, *clock_, events_, log_, token_);
        const auto begun = worker_->begin();
        ASSERT_TRUE(begun) << begun.error().describe();
    }

    Ending prepare(const std::string& port = "virtual", bool again = false) {
        return worker_->prepare({port, {}, port, "bay0"}, {.again = again}, events_, token_);
    }

    // Of all files of the build.
    void set_age(std::chrono::hours age) {
        const auto time = std::filesystem::file_time_type::clock::now() + age;
        for (const auto& file : std::filesystem::recursive_directory_iterator(project_.path()))
            if (file.is_regular_file()) std::filesystem::last_write_time(file, time);
    }

    [[nodiscard]] std::vector<ledger::AttemptRecord> attempts() const {
        return ledger::attempts(*ledger_).value();
    }

    TemporaryDirectory project_ = *TemporaryDirectory::create();
    events::EventSink events_ = sink();
    Log log_;
    std::stop_token token_ = stop_.get_token();
    std::optional<BenchWorker> worker_;
};

TEST_F(BenchWorkerTest, a_board_passes_once_and_is_left_as_it_is_when_it_comes_again) {
    begin();
    const Ending first = prepare();
    EXPECT_EQ(first.kind, Kind::passed) << first.reason;
    EXPECT_EQ(first.mac, simulated_.mac);
    EXPECT_EQ(prepare().kind, Kind::passed_before);
    EXPECT_EQ(prepare("virtual", true).kind, Kind::passed);
    ASSERT_TRUE(worker_->end());
    ASSERT_EQ(all_runs().size(), 1U);
    EXPECT_EQ(all_runs().front().passed, 2);
    EXPECT_EQ(all_runs().front().failed, 0);
}

TEST_F(BenchWorkerTest, a_build_that_changes_in_a_lot_is_refused_and_its_board_has_a_row) {
    options_.lot = "lot-7";
    begin();
    set_age(std::chrono::hours(-2));
    const Ending refused = prepare();
    EXPECT_EQ(refused.kind, Kind::station);
    EXPECT_EQ(refused.code, "firmware_changed");
    EXPECT_EQ(told<events::BoardFailed>(), 1U);
    ASSERT_EQ(attempts().size(), 1U);
    EXPECT_EQ(attempts().front().error_code, "firmware_changed");
    EXPECT_EQ(attempts().front().fault, ledger::Fault::station);
    // The former one is back.
    worker_.reset();
    begin();
    EXPECT_EQ(prepare().kind, Kind::passed);
}

TEST_F(BenchWorkerTest, a_build_that_changes_without_a_lot_is_read_again_with_a_run_of_its_own) {
    begin();
    EXPECT_EQ(prepare().kind, Kind::passed);
    set_age(std::chrono::hours(-2));
    EXPECT_EQ(prepare().kind, Kind::passed);
    EXPECT_THAT(notes(), Contains(HasSubstr("read again")));
    ASSERT_TRUE(worker_->end());
    ASSERT_EQ(all_runs().size(), 2U);
    EXPECT_EQ(all_runs()[0].passed, 1);
    EXPECT_EQ(all_runs()[1].passed, 1);
}

TEST_F(BenchWorkerTest, the_source_is_built_when_the_bench_begins_and_not_in_the_midst_of_a_shift) {
    const auto count = records_.path() / "builds";
    settings_.firmware.build = "echo built >> " + count.string();
    begin();
    set_age(std::chrono::hours(-2));
    EXPECT_EQ(prepare().kind, Kind::passed);
    EXPECT_EQ(*read_text(count), "built\n");
}

// Dated by a computer that is ahead, or seen by one whose clock was set back.
TEST_F(BenchWorkerTest, files_of_a_time_that_has_not_come_are_as_good_as_others) {
    set_age(std::chrono::hours(1));
    options_.lot = "lot-7";
    begin();
    const Ending ending = prepare();
    EXPECT_EQ(ending.kind, Kind::passed) << ending.reason;
    set_age(std::chrono::hours(2));
    EXPECT_EQ(prepare("virtual", true).code, "firmware_changed") << "they are looked at";
}

TEST_F(BenchWorkerTest, what_changed_while_it_was_read_is_read_again) {
    bool changes = true;
    int hours = 0;
    surroundings_.reach_registry = [&, reach = surroundings_.reach_registry] {
        if (changes) set_age(std::chrono::hours(++hours));
        return reach();
    };
    begin();
    changes = false;
    EXPECT_EQ(prepare().kind, Kind::passed);
    EXPECT_THAT(notes(), Contains(HasSubstr("read again")));
    set_age(std::chrono::hours(-1));
    EXPECT_EQ(prepare("virtual", true).kind, Kind::passed);
    told_.clear();
    EXPECT_EQ(prepare("virtual", true).kind, Kind::passed);
    EXPECT_THAT(notes(), ::testing::Not(Contains(HasSubstr("read again"))));
}

TEST_F(BenchWorkerTest, a_lot_is_chosen_for_the_boards_that_are_begun_from_then_on) {
    begin();
    EXPECT_EQ(prepare().kind, Kind::passed);
    ASSERT_TRUE(ledger_->open_lot({.name = "order-17", .code = "A7"}));
    ASSERT_TRUE(worker_->choose("A7", "M. K."));
    EXPECT_EQ(worker_->now()->shared().lot, "order-17") << "by its name";
    EXPECT_EQ(told<events::RunChanged>(), 1U);
    EXPECT_EQ(prepare("virtual", true).kind, Kind::passed);
    ASSERT_TRUE(worker_->choose("", ""));
    ASSERT_TRUE(worker_->end());
    ASSERT_EQ(attempts().size(), 2U);
    EXPECT_EQ(attempts()[0].lot, "order-17");
    EXPECT_EQ(attempts()[0].operator_name, "M. K.");
    EXPECT_EQ(attempts()[1].lot, "");
    ASSERT_EQ(all_runs().size(), 3U);
    for (const auto& run : all_runs())
        EXPECT_TRUE(run.ended) << "also those that no board uses any more";
}

TEST_F(BenchWorkerTest, a_lot_that_cannot_be_chosen_changes_nothing) {
    ASSERT_TRUE(ledger_->open_lot({.name = "order-16"}));
    ASSERT_TRUE(ledger_->set_lot_state("order-16", ledger::LotState::closed));
    options_.lot = "lot-7";
    begin();
    EXPECT_EQ(code_of(worker_->choose("order-16", "")), "lot_closed");
    EXPECT_EQ(worker_->now()->shared().lot, "lot-7");
    EXPECT_EQ(told<events::RunChanged>(), 0U);
    EXPECT_EQ(prepare().kind, Kind::passed);
    EXPECT_EQ(attempts().front().lot, "lot-7");
}

// An answer that is waited for, with all browsers' requests behind it, would stop the page.
TEST_F(BenchWorkerTest, who_asks_while_a_lot_is_being_chosen_is_told_so_and_not_kept_waiting) {
    std::string code;
    events_ = [&](const events::Event& event) {
        if (events::as<events::RunChanged>(event) == nullptr) return;
        std::jthread([&] { code = code_of(worker_->choose("lot-9", "")); }).join();
    };
    begin();
    ASSERT_TRUE(worker_->choose("lot-8", ""));
    EXPECT_EQ(code, "lot_busy");
    EXPECT_EQ(worker_->now()->shared().lot, "lot-8");
}

TEST_F(BenchWorkerTest,
       where_a_lot_is_wanted_no_board_is_begun_without_one_until_somebody_says_so) {
    begin();
    worker_->want_lot();
    EXPECT_EQ(prepare().code, "lot_needed");
    ASSERT_TRUE(worker_->choose("", ""));
    EXPECT_EQ(prepare().kind, Kind::passed) << "none was chosen, and that is a choice";
}

TEST_F(BenchWorkerTest, one_that_could_not_be_chosen_is_not_what_a_new_build_is_read_for) {
    ASSERT_TRUE(ledger_->open_lot({.name = "order-16"}));
    ASSERT_TRUE(ledger_->set_lot_state("order-16", ledger::LotState::closed));
    begin();
    EXPECT_EQ(code_of(worker_->choose("order-16", "")), "lot_closed");
    set_age(std::chrono::hours(-2));
    const Ending ending = prepare();
    EXPECT_EQ(ending.kind, Kind::passed) << ending.reason;
}

TEST_F(BenchWorkerTest, a_former_lots_run_ends_with_its_last_board) {
    options_.lot = "lot-7";
    begin();
    auto in_hand = worker_->now();
    ASSERT_TRUE(worker_->choose("lot-8", ""));
    ASSERT_TRUE(worker_->choose("lot-9", ""));
    const auto ended = [this](const std::string& lot) {
        const auto runs = all_runs();
        const auto found = std::ranges::find(runs, lot, &ledger::RunRecord::lot);
        return found != runs.end() && found->ended.has_value();
    };
    EXPECT_FALSE(ended("lot-7"));
    EXPECT_TRUE(ended("lot-8"));
    in_hand.reset();
    EXPECT_EQ(prepare().kind, Kind::passed);
    EXPECT_TRUE(ended("lot-7"));
    EXPECT_FALSE(ended("lot-9"));
}

TEST_F(BenchWorkerTest, choosing_the_lot_again_takes_the_new_build) {
    options_.lot = "lot-7";
    begin();
    set_age(std::chrono::hours(-2));
    EXPECT_EQ(prepare().code, "firmware_changed");
    ASSERT_TRUE(worker_->choose("lot-7", ""));
    EXPECT_EQ(prepare().kind, Kind::passed);
}

TEST_F(BenchWorkerTest, a_scanned_number_is_its_boards_and_a_board_without_one_is_not_touched) {
    ledger::LotFacts lot{.name = "order-17"};
    lot.serial_template = "TH-{scan}";
    ASSERT_TRUE(ledger_->open_lot(lot));
    options_.lot = "order-17";
    begin();
    const Ending without = prepare();
    EXPECT_EQ(without.code, "serial_not_scanned");
    EXPECT_EQ(without.kind, Kind::station);
    EXPECT_TRUE(registry_->things.empty());
    const Ending of_another = worker_->prepare(
        {"virtual", {}, "virtual", "bay0"}, {.serial = "TH-7", .lot = "order-16"}, events_, token_);
    EXPECT_EQ(of_another.code, "serial_not_scanned") << "it was scanned in another lot";
    const Ending with = worker_->prepare({"virtual", {}, "virtual", "bay0"},
                                         {.serial = "TH-7", .lot = "order-17"}, events_, token_);
    EXPECT_EQ(with.kind, Kind::passed) << with.reason;
    EXPECT_EQ(attempts().front().serial, "TH-7");
}

TEST_F(BenchWorkerTest, a_bay_whose_board_is_never_looked_at_has_its_row) {
    begin();
    EXPECT_EQ(prepare("busy").code, "port_busy");
    EXPECT_EQ(prepare("silent").kind, Kind::silent);
    ASSERT_TRUE(worker_->end());
    EXPECT_EQ(attempts().size(), 2U);
    EXPECT_EQ(all_runs().front().failed, 1);
}

TEST_F(BenchWorkerTest, a_board_that_talks_garbage_for_ever_fails_soon_and_answers_no_question) {
    begin();
    const Instant before = clock_->now();
    const Ending ending = prepare("garbage");
    EXPECT_EQ(ending.kind, Kind::board);
    EXPECT_EQ(ending.code, "no_board") << ending.reason;
    EXPECT_EQ(worker_->ask({"garbage", {}, "garbage", "bay0"}, token_), std::nullopt);
    EXPECT_LT(clock_->now() - before, std::chrono::seconds(30));
    // The bay's next board is none the worse for it.
    EXPECT_EQ(prepare().kind, Kind::passed);
}

TEST_F(BenchWorkerTest, a_board_is_asked_for_its_mac_and_a_bay_without_one_is_silent) {
    begin();
    EXPECT_EQ(worker_->ask({"virtual", {}, "virtual", "bay0"}, token_), simulated_.mac);
    EXPECT_EQ(worker_->ask({"silent", {}, "silent", "bay0"}, token_), std::nullopt);
    EXPECT_EQ(worker_->ask({"none", {}, "none", "bay0"}, token_), std::nullopt);
    EXPECT_TRUE(attempts().empty());
}

TEST(Endings, what_the_station_or_a_lot_is_to_blame_for_is_not_the_bays) {
    const auto kind = [](ErrorKind of, ErrorCode code) {
        return ending_of(make_error(of, code, "what")).kind;
    };
    EXPECT_EQ(kind(ErrorKind::board, "board_lost"), Kind::board);
    EXPECT_EQ(kind(ErrorKind::board, "port_io"), Kind::board);
    EXPECT_EQ(kind(ErrorKind::board, "port_busy"), Kind::board);
    EXPECT_EQ(kind(ErrorKind::board, "board_silent"), Kind::silent);
    EXPECT_EQ(kind(ErrorKind::board, "lot_full"), Kind::station);
    EXPECT_EQ(kind(ErrorKind::board, "golden_due"), Kind::station);
    EXPECT_EQ(kind(ErrorKind::board, "board_twice"), Kind::station);
    EXPECT_EQ(kind(ErrorKind::registry, "registry_unreachable"), Kind::station);
    EXPECT_EQ(kind(ErrorKind::bug, "bug"), Kind::station);
    EXPECT_EQ(kind(ErrorKind::interrupted, "interrupted"), Kind::stopped);
}

}  // namespace
}  // namespace imprint::station
