// The threads, ports and events of a bench whose bays live on. What a bay does next is
// bay_life_test's.
#include "station/bench.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "station/bench_fixture.h"

namespace imprint::station {
namespace {

using enum BayStatus;

TEST_F(BenchTest, boards_come_and_go_and_each_is_counted) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    auto job = worker_.next();
    EXPECT_EQ(job->bay.port, "/dev/ttyUSB0");
    await("ttyUSB0", at_work);
    end(*job, Kind::passed);
    await("ttyUSB0", passed);
    hands_.pull("/dev/ttyUSB0");
    await("ttyUSB0", empty);
    EXPECT_EQ(bay("ttyUSB0").last_mac, left_mac);
    hands_.plug("/dev/ttyUSB0");
    end(*worker_.next(), Kind::board, right_mac, "board_lost");
    await("ttyUSB0", failed);
    const auto summary = finish();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->passed, 1U);
    EXPECT_EQ(summary->failed, 1U);
    EXPECT_FALSE(summary->interrupted);
}

TEST_F(BenchTest, a_board_that_says_nothing_has_failed_and_is_counted) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto job = worker_.next();
    job->events({{}, "ttyUSB0", {}, events::BayEmpty{.reason = "nothing answers", .hint = "look"}});
    job->end.set_value({.kind = Kind::silent, .code = "board_silent", .reason = "r"});
    await("ttyUSB0", failed);
    EXPECT_EQ(bay("ttyUSB0").error_code, "board_silent");
    EXPECT_EQ(finish()->failed, 1U);
}

// Its boards are in other sockets' names when it is back, and all of them are begun with.
TEST_F(BenchTest, a_hub_that_drops_all_bays_at_once_ends_none_of_them) {
    constexpr int count = 8;
    const auto socket = [](int i) { return fmt::format("1-4.{}", i); };
    const auto port = [](int i) { return fmt::format("/dev/ttyUSB{}", i); };
    for (int i = 0; i < count; ++i)
        names_[std::to_string(i)] = socket(i);
    begin();
    for (int turn = 0; turn < 2; ++turn) {
        std::vector<std::shared_ptr<Worker::Job>> jobs;
        for (int i = 0; i < count; ++i)
            hands_.plug(port((i + turn) % count), socket(i));
        for (int i = 0; i < count; ++i)
            jobs.push_back(worker_.next());
        for (int i = 0; i < count; ++i)
            hands_.pull(port((i + turn) % count), socket(i));
        // It is back before the work in its bays has noticed.
        for (int i = 0; i < count; ++i)
            hands_.plug(port((i + turn + 1) % count), socket(i));
        for (const auto& job : jobs)
            end(*job, Kind::board, left_mac, "port_gone");
        for (int i = 0; i < count; ++i)
            end(*worker_.next(), Kind::passed);
        for (int i = 0; i < count; ++i)
            await(std::to_string(i), passed);
        for (int i = 0; i < count; ++i)
            hands_.pull(port((i + turn + 1) % count), socket(i));
        for (int i = 0; i < count; ++i)
            await(std::to_string(i), empty);
    }
    const auto summary = finish();
    EXPECT_EQ(summary->passed, 2U * count);
    EXPECT_EQ(summary->failed, 2U * count);
}

TEST_F(BenchTest, a_socket_keeps_its_bay_whatever_its_port_is_called) {
    names_["left"] = "1-3:1.0";
    begin();
    hands_.plug("/dev/ttyACM0", "1-3:1.0");
    end(*worker_.next(), Kind::passed);
    await("left", passed);
    hands_.pull("/dev/ttyACM0", "1-3:1.0");
    await("left", empty);
    hands_.plug("/dev/ttyACM7", "1-3:1.0");
    const auto job = worker_.next();
    EXPECT_EQ(job->bay.bay, "left");
    EXPECT_EQ(job->bay.port, "/dev/ttyACM7");
    // The former name of the socket goes late: that is not this board.
    hands_.pull("/dev/ttyACM0", "1-3:1.0");
    end(*job, Kind::passed);
    await("left", passed);
}

TEST_F(BenchTest, one_bays_trouble_does_not_slow_another) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto stuck = worker_.next();
    for (int i = 0; i < 3; ++i) {
        hands_.plug("/dev/ttyUSB1");
        end(*worker_.next(), Kind::passed);
        await("ttyUSB1", passed);
        hands_.pull("/dev/ttyUSB1");
        await("ttyUSB1", empty);
    }
    EXPECT_EQ(bay("ttyUSB0").outcome, events::BayOutcome::working);
    end(*stuck, Kind::passed);
}

TEST_F(BenchTest, the_end_lets_boards_in_hand_finish_and_begins_no_other) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto job = worker_.next();
    ending_ = true;
    hands_.plug("/dev/ttyUSB1");
    EXPECT_EQ(running_.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    EXPECT_FALSE(job->stop.stop_requested());
    end(*job, Kind::passed);
    const auto summary = finish();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->passed, 1U);
}

TEST_F(BenchTest, a_stop_gives_up_the_boards_in_hand) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto job = worker_.next();
    const std::stop_callback on_stop(job->stop, [&] { end(*job, Kind::stopped); });
    stop_.request_stop();
    const auto summary = finish();
    ASSERT_TRUE(summary);
    EXPECT_TRUE(summary->interrupted);
    EXPECT_EQ(summary->stopped, 1U);
}

TEST_F(BenchTest, bays_are_those_with_names_and_those_that_were_there) {
    names_["left"] = "1-3:1.0";
    begin();
    hands_.plug("/dev/ttyUSB0");
    end(*worker_.next(), Kind::passed);
    await("ttyUSB0", passed);
    EXPECT_THAT(bench_->bays(), ::testing::ElementsAre("left", "ttyUSB0"));
    EXPECT_TRUE(bench_->press({BenchKey::What::start, "left"}))
        << "nothing is in it, and that is all";
}

TEST_F(BenchTest, keys_reach_the_bay_that_they_name) {
    rules_.bay.start = prepare::Start::key;
    begin();
    EXPECT_FALSE(bench_->press({BenchKey::What::start, "ttyUSB0"}));
    EXPECT_FALSE(bench_->press({BenchKey::What::start, ""})) << "for no bay at all";
    hands_.plug("/dev/ttyUSB0");
    hands_.plug("/dev/ttyUSB1");
    while (!bench_->press({BenchKey::What::start, "ttyUSB1"}))
        std::this_thread::yield();
    auto job = worker_.next();
    EXPECT_EQ(job->bay.bay, "ttyUSB1");
    EXPECT_FALSE(job->again);
    end(*job, Kind::passed);
    await("ttyUSB1", passed);
    bench_->press({BenchKey::What::again, "ttyUSB1"});
    job = worker_.next();
    EXPECT_TRUE(job->again);
    const std::stop_callback on_stop(job->stop, [&] { end(*job, Kind::stopped); });
    bench_->press({BenchKey::What::abort, "ttyUSB1"});
    await("ttyUSB1", stopped);
    bench_->press({BenchKey::What::off, ""});
    await("ttyUSB0", off);
    await("ttyUSB1", off);
    bench_->press({BenchKey::What::on, "ttyUSB0"});
    await("ttyUSB0", empty);
}

TEST_F(BenchTest, where_the_port_stays_the_bench_asks_and_begins_what_answers) {
    rules_.bay.start = prepare::Start::answer;
    rules_.bay.between_questions = Milliseconds(1);
    begin();
    hands_.plug("rfc2217://127.0.0.1:4000");
    worker_.answer(left_mac);
    end(*worker_.next(), Kind::passed, left_mac);
    await("rfc2217://127.0.0.1:4000", passed);
    worker_.answer(right_mac);
    end(*worker_.next(), Kind::passed, right_mac);
    worker_.answer(std::nullopt);
    await("rfc2217://127.0.0.1:4000", empty);
}

TEST_F(BenchTest, a_registry_that_is_slow_is_shown_as_waiting_until_it_answers) {
    rules_.slow = Milliseconds(1);
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto job = worker_.next();
    job->events({{}, "ttyUSB0", left_mac, events::BoardStep{.step = events::Step::activate}});
    await("ttyUSB0", waiting);
    job->events({{}, "ttyUSB0", left_mac, events::BoardStep{.step = events::Step::verify}});
    await("ttyUSB0", at_work);
    end(*job, Kind::passed);
    await("ttyUSB0", passed);
}

TEST_F(BenchTest, while_bays_get_their_names_no_board_is_begun) {
    begin();
    hands_.plug("/dev/ttyUSB0", "1-1:1.0");
    end(*worker_.next(), Kind::passed);
    await("ttyUSB0", passed);
    hands_.pull("/dev/ttyUSB0", "1-1:1.0");
    await("ttyUSB0", empty);
    {
        const std::lock_guard lock(mutex_);
        state_.run.watch = true;
    }
    std::vector<std::string> shown;
    bench_->learn([&](const PortChange& change) -> Learnt {
        shown.push_back(change.port.usb_path);
        if (shown.size() == 1) return {};
        return {.name = "north 1"};
    });
    hands_.plug("/dev/ttyUSB3", "1-3:1.0");
    hands_.plug("/dev/ttyUSB0", "1-1:1.0");
    await_told<events::BayNamed>(1);
    EXPECT_EQ(shown, (std::vector<std::string>{"1-3:1.0", "1-1:1.0"}));
    EXPECT_THAT(bench_->bays(), ::testing::ElementsAre("north 1"));
    bench_->learn({});
    hands_.pull("/dev/ttyUSB0", "1-1:1.0");
    hands_.plug("/dev/ttyUSB0", "1-1:1.0");
    const auto job = worker_.next();
    EXPECT_EQ(job->bay.bay, "north 1");
    end(*job, Kind::passed);
    await("north 1", passed);
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(state_.bay("ttyUSB0"), nullptr) << "one tile for one socket";
}

// A chip that is its own USB device leaves the bus with each of its resets, also while bays are
// named.
TEST_F(BenchTest, a_chip_at_work_that_resets_is_nobodys_new_board) {
    begin();
    hands_.plug_own("/dev/ttyACM0");
    const auto job = worker_.next();
    std::atomic<unsigned> shown = 0;
    bench_->learn([&](const PortChange&) -> Learnt {
        ++shown;
        return {.name = "1"};
    });
    hands_.pull("/dev/ttyACM0");
    hands_.plug_own("/dev/ttyACM0");
    job->events({{}, "ttyACM0", left_mac, events::BoardStep{.step = events::Step::credentials}});
    end(*job, Kind::passed);
    await("ttyACM0", passed);
    EXPECT_EQ(shown, 0U);
    clock_.sleep(Milliseconds(300));
    EXPECT_EQ(bay("ttyACM0").outcome, events::BayOutcome::passed) << "it has come back";
}

TEST_F(BenchTest, set_up_that_nobody_ends_ends_itself) {
    begin();
    bench_->learn([](const PortChange&) -> Learnt { return {.goes_on = false}; });
    hands_.plug("/dev/ttyUSB0");
    end(*worker_.next(), Kind::passed);
    await("ttyUSB0", passed);
}

TEST_F(BenchTest, a_bay_that_is_renamed_keeps_its_board_and_hears_of_it) {
    names_["1"] = "1-1:1.0";
    names_["2"] = "1-2:1.0";
    begin();
    hands_.plug("/dev/ttyUSB0", "1-1:1.0");
    const auto job = worker_.next();
    {
        const std::lock_guard lock(mutex_);
        state_.run.watch = true;
    }
    // A name that it takes from another place is that one's no more.
    bench_->name_place("1-1:1.0", "2");
    await_told<events::BayNamed>(1);
    end(*job, Kind::passed);
    await("2", passed);
    EXPECT_EQ(bay("2").mac, left_mac);
    EXPECT_THAT(bench_->bays(), ::testing::ElementsAre("2"));
    bench_->name_place("1-1:1.0", "");
    await_told<events::BayNamed>(2);
    EXPECT_THAT(bench_->bays(), ::testing::ElementsAre("ttyUSB0"));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(state_.bays.size(), 1U) << "one tile for one socket";
    EXPECT_EQ(state_.bays.front().place, "1-1:1.0");
}

TEST_F(BenchTest, a_bay_gets_the_name_that_another_has) {
    names_["1"] = "1-1:1.0";
    begin();
    for (const auto& [port, socket] :
         {std::pair{"/dev/ttyUSB0", "1-1:1.0"}, std::pair{"/dev/ttyUSB1", "1-2:1.0"}}) {
        hands_.plug(port, socket);
        end(*worker_.next(), Kind::passed);
    }
    await("1", passed);
    await("ttyUSB1", passed);
    {
        const std::lock_guard lock(mutex_);
        state_.run.watch = true;
    }
    bench_->name_place("1-2:1.0", "1");
    await_told<events::BayNamed>(2);
    EXPECT_THAT(bench_->bays(), ::testing::ElementsAre("1", "ttyUSB0"));
    EXPECT_EQ(bay("1").place, "1-2:1.0");
    EXPECT_EQ(bay("ttyUSB0").place, "1-1:1.0");
}

TEST_F(BenchTest, a_bug_in_the_work_is_that_boards_failure) {
    worker_.throws_ = true;
    begin();
    hands_.plug("/dev/ttyUSB0");
    await("ttyUSB0", failed);
    EXPECT_EQ(bay("ttyUSB0").error_code, "bug");
    const auto summary = finish();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->failed, 1U);
}

TEST_F(BenchTest, a_chip_that_is_met_again_has_not_failed_yet) {
    begin();
    hands_.plug_own("/dev/ttyACM0");
    auto job = worker_.next();
    hands_.pull("/dev/ttyACM0");
    hands_.plug_own("/dev/ttyACM0");
    // The bench has taken in both once this bay is told of.
    hands_.plug("/dev/ttyUSB9");
    await("ttyUSB9", at_work);
    end(*worker_.next(), Kind::passed);
    end(*job, Kind::board, std::nullopt, "board_lost");
    job = worker_.next();
    EXPECT_EQ(told<events::BoardFailed>(), 0U);
    end(*job, Kind::passed);
    await("ttyACM0", passed);
    const auto summary = finish();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->failed, 0U);
}

TEST_F(BenchTest, ports_that_cannot_be_watched_any_more_end_the_bench_in_good_order) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    const auto job = worker_.next();
    hands_.fail_next();
    end(*job, Kind::passed);
    await("ttyUSB0", passed);
    ASSERT_EQ(running_.wait_for(long_enough), std::future_status::ready);
    EXPECT_EQ(code_of(running_.get()), "port_watch");
}

}  // namespace
}  // namespace imprint::station
