// What a bench looks like after a row of events, however they were come by.
#include "events/bench_state.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

#include "events/bus.h"

namespace imprint::events {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

WallTime at(int seconds) {
    return WallTime(std::chrono::seconds(1'784'000'000 + seconds));
}

const auto one_mac = parse_mac("246f28000001");

Event event_of(int second, const std::string& bay, Body body,
               std::optional<MacAddress> mac = one_mac) {
    return {at(second), bay, mac, std::move(body)};
}

BoardPassed passed(const std::string& thing) {
    return {.thing = thing,
            .certificate_id = "c1",
            .seconds = 2.5,
            .retired = 0,
            .retirement_owed = 0,
            .queued = false,
            .bytes_written = 0};
}

BenchState folded(const std::vector<Event>& events, BenchState state = {}) {
    for (const auto& event : events)
        state = apply(std::move(state), event);
    return state;
}

TEST(BenchStateTest, follows_a_board_from_its_start_to_its_end) {
    BenchState state = folded({
        event_of(0, "", FirmwareReady{.commit = {}, .chip = "ESP32", .files = {}, .file_list = {}}),
        event_of(1, "",
                 RunStarted{.version = "0.1",
                            .boards = 1,
                            .lot = "A7",
                            .endpoint = "host",
                            .firmware_commit = "abc"}),
        event_of(2, "bay0", BoardStarted{.port = "/dev/ttyUSB0"}, {}),
        event_of(3, "bay0",
                 BoardIdentified{
                     .chip = "ESP32", .revision = "v3.0", .flash_size = 1, .port = "/dev/ttyUSB0"}),
        event_of(4, "bay0", BoardStep{.step = Step::firmware}),
        event_of(6, "bay0", BoardProgress{.step = Step::firmware, .done = 512, .total = 1024}),
    });
    EXPECT_EQ(state.run.chip, "ESP32");
    EXPECT_EQ(state.run.started, at(1));
    ASSERT_NE(state.bay("bay0"), nullptr);
    BayState bay = *state.bay("bay0");
    EXPECT_EQ(bay.port, "/dev/ttyUSB0");
    EXPECT_EQ(bay.mac, one_mac);
    EXPECT_EQ(bay.step, Step::firmware);
    EXPECT_EQ(bay.percent(), 50);
    EXPECT_EQ(bay.bytes_a_second(), 256);
    EXPECT_EQ(bay.outcome, BayOutcome::working);
    EXPECT_EQ(bay.started, at(2));

    state = folded(
        {event_of(7, "bay0", BoardStep{.step = Step::verify}),
         event_of(8, "bay0", BoardConsole{.line = "connected"}), event_of(9, "bay0", passed("t")),
         event_of(9, "", RunFinished{.passed = 1, .failed = 0, .seconds = 8})},
        state);
    bay = *state.bay("bay0");
    EXPECT_EQ(bay.total, 0) << "the new step has no measure yet";
    EXPECT_EQ(bay.console, "connected");
    EXPECT_EQ(bay.outcome, BayOutcome::passed);
    EXPECT_EQ(bay.certificate_id, "c1");
    EXPECT_EQ(state.run.passed, 1);
    EXPECT_EQ(state.run.finished, at(9));
}

TEST(BenchStateTest, keeps_why_a_board_failed) {
    const BenchState state = folded({event_of(1, "bay0", BoardStarted{.port = "p"}),
                                     event_of(2, "bay0",
                                              BoardFailed{.kind = ErrorKind::board,
                                                          .code = "board_lost",
                                                          .reason = "it stopped answering",
                                                          .hint = "check the cable"})});
    EXPECT_EQ(state.bay("bay0")->outcome, BayOutcome::failed);
    EXPECT_EQ(state.bay("bay0")->error_code, "board_lost");
    EXPECT_EQ(state.bay("bay0")->hint, "check the cable");
    EXPECT_EQ(state.run.failed, 1);
}

TEST(BenchStateTest, a_new_board_in_a_bay_begins_anew_in_its_place) {
    const BenchState state =
        folded({event_of(1, "bay0", BoardStarted{.port = "p"}),
                event_of(2, "bay1", BoardStarted{.port = "q"}), event_of(3, "bay0", passed("t")),
                event_of(4, "bay0", BoardStarted{.port = "p"}, {})});
    EXPECT_THAT(state.bays,
                ElementsAre(Field(&BayState::bay, "bay0"), Field(&BayState::bay, "bay1")));
    EXPECT_EQ(state.bays.front().mac, std::nullopt);
    EXPECT_EQ(state.bays.front().thing, "");
    EXPECT_EQ(state.bays.front().started, at(4));
}

TEST(BenchStateTest, bays_are_in_the_order_of_the_run_and_each_end_is_counted) {
    const BenchState state = folded({
        event_of(1, "",
                 RunStarted{.version = "0.1",
                            .boards = 4,
                            .lot = "A7",
                            .endpoint = "host",
                            .firmware_commit = "",
                            .bays = {"a", "b", "c", "d"}}),
        event_of(2, "d", BoardStarted{.port = "p"}),
        event_of(2, "b", BoardStarted{.port = "q"}),
        event_of(3, "d", BayEmpty{.reason = "nothing answers", .hint = "look"}, {}),
        event_of(4, "b",
                 BoardSkipped{.thing = "t", .certificate_id = "c", .lot = "A7", .passed = at(0)}),
        event_of(5, "c", BoardStopped{.certificate_state = CertificateFate::none}),
    });
    ASSERT_EQ(state.bays.size(), 4U);
    EXPECT_EQ(state.bays[0].outcome, BayOutcome::working);
    EXPECT_EQ(state.bays[1].outcome, BayOutcome::skipped);
    EXPECT_EQ(state.bays[2].outcome, BayOutcome::stopped);
    EXPECT_EQ(state.bays[3].outcome, BayOutcome::empty);
    EXPECT_EQ(state.run.skipped, 1U);
    EXPECT_EQ(state.run.done(), 3U);
}

TEST(BenchStateTest, at_a_bench_bays_without_a_name_come_in_their_own_order) {
    BenchState state = folded({event_of(0, "",
                                        RunStarted{.version = "0.1",
                                                   .boards = 1,
                                                   .lot = "",
                                                   .endpoint = "host",
                                                   .firmware_commit = "",
                                                   .bays = {"north 9"},
                                                   .watch = true})});
    for (const char* name : {"bay10", "bay2", "a", "bay010", "bay1", "bay2b", "10", "9"})
        state = apply(std::move(state), event_of(1, name, BayChanged{.status = BayStatus::empty}));
    std::vector<std::string> names;
    for (const auto& bay : state.bays)
        names.push_back(bay.bay);
    EXPECT_THAT(names,
                ElementsAre("north 9", "9", "10", "a", "bay1", "bay2", "bay2b", "bay10", "bay010"));
}

TEST(BenchStateTest, what_is_left_is_told_by_the_boards_before) {
    BenchState state = folded({event_of(0, "a", BoardStep{.step = Step::firmware}),
                               event_of(4, "b", BoardStep{.step = Step::firmware})});
    EXPECT_EQ(expected_left(state, at(5)).count(), 0) << "nobody knows yet";
    auto done = passed("t");
    done.seconds = 10;
    state = folded({event_of(10, "a", done)}, state);
    EXPECT_EQ(expected_left(state, at(10)).count(), 4) << "b began 4 s later";
    EXPECT_EQ(expected_left(state, at(60)).count(), 0) << "it takes longer than it should";
    state = folded({event_of(61, "b", done)}, state);
    EXPECT_EQ(expected_left(state, at(61)).count(), 0);
}

TEST(BenchStateTest, what_goes_on_beside_a_step_moves_no_bar) {
    const BenchState state =
        folded({event_of(1, "bay0", BoardStep{.step = Step::firmware}),
                event_of(2, "bay0", BoardProgress{.step = Step::read, .done = 1, .total = 2})});
    EXPECT_EQ(state.bay("bay0")->total, 0);
}

TEST(BenchStateTest, what_is_of_no_bay_makes_none) {
    const BenchState state =
        folded({event_of(1, "", BoardConsole{.port = "p", .line = "x"}),
                event_of(1, "", BoardStep{.step = Step::read}), event_of(1, "", passed("t")),
                event_of(2, "bay0", BoardProgress{.step = Step::read, .done = 1, .total = 2})});
    EXPECT_THAT(state.bays, IsEmpty());
}

class AnyRun {
  public:
    explicit AnyRun(unsigned seed) : random_(seed) {}

    Event next() {
        second_ += static_cast<int>(random_() % 3);
        const std::string bay = fmt::format("bay{}", random_() % 4);
        const auto step = static_cast<Step>(random_() % 3);
        const auto mac = random_() % 2 == 0 ? one_mac : std::nullopt;
        switch (random_() % 9) {
            case 0:
                return event_of(second_, bay, BoardStarted{.port = "p"}, mac);
            case 1:
                return event_of(second_, bay, BoardStep{.step = step}, mac);
            case 2:
                return event_of(second_, bay, passed("t"), mac);
            case 3:
                return event_of(
                    second_, bay,
                    BoardFailed{.kind = ErrorKind::board, .code = "x", .reason = {}, .hint = {}},
                    mac);
            case 4:
                return event_of(second_, bay, BoardConsole{.line = fmt::format("{}", random_())},
                                mac);
            case 5:
                return event_of(second_, "", Note{.text = "n"}, {});
            default:
                return event_of(second_, bay,
                                BoardProgress{.step = step, .done = random_() % 100, .total = 100},
                                mac);
        }
    }

    std::mt19937& random() { return random_; }

  private:
    std::mt19937 random_;
    int second_ = 0;
};

// Whoever was there all the time, and whoever left and came back, know the same.
TEST(BenchStateTest, is_the_same_after_a_reader_has_come_back) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        AnyRun run(seed);
        EventBus bus;
        BenchState all;
        BenchState returned;
        std::uint64_t seen = 0;
        for (int leg = 0; leg < 6; ++leg) {
            for (auto n = run.random()() % 200; n > 0; --n) {
                const Event event = run.next();
                all = apply(std::move(all), event);
                bus.publish(event);
            }
            auto reader = bus.read({.bound = 2000, .since = seen});
            // Leaves in the middle, now and then.
            for (auto n = leg == 5 ? 2000 : run.random()() % 200; n > 0; --n) {
                const auto delivery = reader.try_next();
                if (!delivery) break;
                ASSERT_EQ(delivery->missed, 0);
                ASSERT_EQ(delivery->number, seen + 1);
                returned = apply(std::move(returned), *delivery->event);
                seen = delivery->number;
            }
        }
        EXPECT_EQ(seen, bus.last());
        EXPECT_TRUE(all == returned) << seed;
    }
}

// Nobody who is slow shows something else in the end.
TEST(BenchStateTest, is_the_same_without_the_progress_that_was_overtaken) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        AnyRun run(seed);
        EventBus bus;
        auto slow = bus.read({.bound = 10, .overflow = Overflow::keep});
        BenchState all;
        for (int i = 0; i < 300; ++i) {
            const Event event = run.next();
            all = apply(std::move(all), event);
            bus.publish(event);
        }
        BenchState left;
        int taken = 0;
        while (const auto delivery = slow.try_next()) {
            left = apply(std::move(left), *delivery->event);
            ++taken;
        }
        EXPECT_LT(taken, 300);
        EXPECT_TRUE(all == left) << seed;
    }
}

class PassRateTest : public ::testing::Test {
  protected:
    PassRateTest() {
        state_ = folded({event_of(0, "",
                                  RunStarted{.version = "0.1",
                                             .boards = 1,
                                             .lot = "A7",
                                             .endpoint = "host",
                                             .firmware_commit = "abc",
                                             .watch = true})});
    }

    void passes_at(int second) {
        state_ = folded({event_of(second, "bay0", passed("t"))}, std::move(state_));
    }

    [[nodiscard]] std::optional<double> rate(int second) const {
        return passes_an_hour(state_.run, at(second));
    }

    BenchState state_;
};

TEST_F(PassRateTest, is_that_of_the_last_half_hour) {
    constexpr int minute = 60;
    EXPECT_FALSE(rate(0));
    for (int i = 1; i <= 60; ++i)
        passes_at(i * minute);
    EXPECT_NEAR(*rate(60 * minute), 60, 2.1);
    const auto end = expected_end(state_.run, 120, at(60 * minute));
    EXPECT_NEAR(std::chrono::duration<double>(*end - at(60 * minute)).count(), 7200, 240);
    EXPECT_NEAR(*rate(80 * minute), 22, 1.1) << "the line stands still";
    EXPECT_FALSE(rate(100 * minute)) << "nobody knows any more";
    EXPECT_FALSE(expected_end(state_.run, 120, at(100 * minute)));
}

TEST_F(PassRateTest, of_too_little_nothing_is_said) {
    passes_at(1);
    passes_at(2);
    EXPECT_FALSE(rate(2)) << "two boards in two seconds are 3,600 an hour";
    ASSERT_TRUE(rate(62));
    EXPECT_FALSE(expected_end(state_.run, 0, at(62))) << "none are left";
    state_ = folded(
        {event_of(62, "",
                  RunChanged{.lot = "A8", .firmware_commit = {}, .app = {}, .app_version = {}})},
        std::move(state_));
    EXPECT_FALSE(rate(122)) << "another lot";
    passes_at(123);
    passes_at(124);
    EXPECT_NEAR(*rate(182), 60, 1) << "since that lot was begun";
}

TEST_F(PassRateTest, a_clock_that_is_set_back_makes_no_figures) {
    passes_at(3000);
    passes_at(3010);
    EXPECT_TRUE(rate(3010));
    EXPECT_FALSE(rate(2000)) << "those passes have not been yet";
    passes_at(2000);
    passes_at(2010);
    EXPECT_NEAR(*rate(2010), 4, 0.1);
    EXPECT_FALSE(rate(-60));
}

// Golden samples and boards that pass once more are no further ones: the ledger counts.
TEST_F(PassRateTest, of_the_lot_is_told_what_the_ledger_counts) {
    Lot lot{};
    lot.name = "A7";
    lot.target = 10;
    lot.passed = 4;
    state_ = folded({event_of(1, "", lot)}, std::move(state_));
    passes_at(2);
    EXPECT_EQ(state_.run.lot_passed, 4U);
    EXPECT_EQ(state_.run.left(), 6U);
    lot.passed = 11;
    state_ = folded({event_of(3, "", lot)}, std::move(state_));
    EXPECT_EQ(state_.run.left(), 0U);
}

}  // namespace
}  // namespace imprint::events
