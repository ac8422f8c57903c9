// Who tells never waits, and who listens gets all of it or knows what it has missed.
#include "events/bus.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <set>
#include <thread>

namespace imprint::events {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Event note(const std::string& text) {
    return {{}, {}, {}, Note{.text = text}};
}

Event progress(const std::string& bay, std::uint64_t done, Step step = Step::firmware) {
    return {{}, bay, {}, BoardProgress{.step = step, .done = done, .total = 1000}};
}

Event log_line(const std::string& line) {
    return {{}, {}, {}, LogLine{.level = LogLevel::warning, .line = line}};
}

std::string text_of(const Event& event) {
    if (const auto* told = as<Note>(event)) return told->text;
    if (const auto* told = as<LogLine>(event)) return told->line;
    if (const auto* told = as<BoardProgress>(event))
        return fmt::format("{} {} {}", event.bay, word_of(told->step), told->done);
    return "?";
}

struct Taken {
    std::vector<std::string> texts;
    std::uint64_t missed = 0;
    std::uint64_t last = 0;
};

// All that wait.
Taken take_all(EventReader& reader) {
    Taken taken;
    while (const auto delivery = reader.try_next()) {
        EXPECT_GT(delivery->number, taken.last);
        taken.last = delivery->number;
        taken.missed += delivery->missed;
        taken.texts.push_back(text_of(*delivery->event));
    }
    return taken;
}

TEST(EventBusTest, each_reader_gets_each_event_in_order) {
    EventBus bus;
    EXPECT_EQ(bus.last(), 0);
    auto one = bus.read();
    EXPECT_EQ(bus.publish(note("a")), 1);
    auto other = bus.read();
    EXPECT_EQ(bus.publish(note("b")), 2);
    EXPECT_THAT(take_all(one).texts, ElementsAre("a", "b"));
    EXPECT_THAT(take_all(other).texts, ElementsAre("b"));
    EXPECT_EQ(bus.last(), 2);
}

TEST(EventBusTest, many_who_tell_at_once_are_heard_in_one_order) {
    EventBus bus;
    auto one = bus.read({.bound = 10'000});
    auto other = bus.read({.bound = 10'000});
    {
        std::vector<std::jthread> bays;
        for (int bay = 0; bay < 4; ++bay)
            bays.emplace_back([&bus, bay] {
                for (int i = 0; i < 1000; ++i)
                    bus.publish(note(fmt::format("{} {:04}", bay, i)));
            });
    }
    const Taken taken = take_all(one);
    EXPECT_EQ(taken.texts, take_all(other).texts);
    ASSERT_EQ(taken.texts.size(), 4000);
    std::vector<std::string> sorted = taken.texts;
    std::ranges::stable_sort(sorted, {}, [](const std::string& text) { return text[0]; });
    EXPECT_TRUE(std::ranges::is_sorted(sorted)) << "each bay's own order is kept";
}

TEST(EventBusTest, a_reader_waits_until_there_is_something) {
    EventBus bus;
    auto reader = bus.read();
    std::vector<std::string> heard;
    {
        const std::jthread thread([&] {
            while (const auto delivery = reader.next())
                heard.push_back(text_of(*delivery->event));
        });
        bus.publish(note("a"));
        bus.publish(note("b"));
        bus.close();
    }
    EXPECT_THAT(heard, ElementsAre("a", "b"));
    EXPECT_EQ(bus.publish(note("c")), 0) << "nobody hears of it";
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(bus.read({.since = 2}).next());
    EXPECT_EQ(text_of(*bus.read({.since = 1}).next()->event), "b") << "the ring is still there";
}

TEST(EventBusTest, a_waiting_reader_can_be_stopped) {
    EventBus bus;
    auto reader = bus.read();
    std::jthread thread([&](const std::stop_token& stop) { EXPECT_FALSE(reader.next(stop)); });
    thread.request_stop();
    thread.join();
}

TEST(EventBusTest, a_closed_bus_lets_readers_take_what_waits) {
    EventBus bus;
    auto reader = bus.read();
    bus.publish(note("a"));
    bus.close();
    EXPECT_FALSE(reader.is_over());
    EXPECT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_over());
}

TEST(EventBusTest, a_reader_that_waits_for_a_while_has_nothing_in_the_end) {
    EventBus bus;
    auto reader = bus.read();
    EXPECT_FALSE(reader.next_within(Milliseconds(1)));
    EXPECT_FALSE(reader.is_over()) << "there may be more";
    bus.publish(note("a"));
    EXPECT_TRUE(reader.next_within(Milliseconds(1)));
    bus.close();
    EXPECT_FALSE(reader.next_within(std::chrono::hours(1))) << "nothing will come";
}

TEST(EventBusTest, readers_and_bus_may_go_in_any_order) {
    auto bus = std::make_unique<EventBus>();
    auto stays = bus->read();
    {
        auto goes = bus->read();
        bus->publish(note("a"));
    }
    bus->publish(note("b"));
    bus.reset();
    EXPECT_THAT(take_all(stays).texts, ElementsAre("a", "b"));
    EXPECT_FALSE(stays.next());
}

// --- the ring ------------------------------------------------------------------------------------

TEST(EventRingTest, who_comes_back_goes_on_behind_what_it_has_seen) {
    EventBus bus(4);
    for (const char* text : {"a", "b", "c", "d"})
        bus.publish(note(text));
    auto all = bus.read({.since = 0});
    auto some = bus.read({.since = 3});
    auto none = bus.read({.since = 4});
    auto from_now = bus.read();
    bus.publish(note("e"));
    EXPECT_THAT(take_all(all).texts, ElementsAre("a", "b", "c", "d", "e"));
    EXPECT_THAT(take_all(some).texts, ElementsAre("d", "e"));
    EXPECT_THAT(take_all(none).texts, ElementsAre("e"));
    EXPECT_THAT(take_all(from_now).texts, ElementsAre("e"));
}

TEST(EventRingTest, who_stays_away_too_long_learns_how_much_it_has_missed) {
    EventBus bus(4);
    for (int i = 1; i <= 10; ++i)
        bus.publish(note(fmt::format("{}", i)));
    for (const auto& [since, missed] :
         std::map<std::uint64_t, std::uint64_t>{{0, 6}, {2, 4}, {5, 1}, {6, 0}, {9, 0}}) {
        auto reader = bus.read({.since = since});
        const auto first = reader.try_next();
        ASSERT_TRUE(first);
        EXPECT_EQ(first->missed, missed) << since;
        EXPECT_EQ(first->number, since + missed + 1);
        EXPECT_EQ(take_all(reader).missed, 0) << "it is told once";
    }
}

TEST(EventRingTest, a_number_of_another_run_is_as_good_as_none) {
    EventBus bus;
    bus.publish(note("a"));
    auto reader = bus.read({.since = 77});
    EXPECT_THAT(take_all(reader).texts, ElementsAre("a"));
}

// --- a reader that is slow -----------------------------------------------------------------------

TEST(SlowReaderTest, of_progress_only_the_last_is_of_interest) {
    for (const Overflow overflow : {Overflow::miss_oldest, Overflow::keep}) {
        EventBus bus;
        auto slow = bus.read({.bound = 8, .overflow = overflow});
        bus.publish(note("a"));
        for (std::uint64_t done = 1; done <= 50; ++done) {
            bus.publish(progress("bay0", done));
            bus.publish(progress("bay1", done));
        }
        bus.publish(progress("bay0", 7, Step::credentials));
        bus.publish(note("b"));
        // How much of it went before the end is the queue's own affair.
        auto taken = take_all(slow);
        EXPECT_EQ(taken.missed, 0);
        EXPECT_LE(taken.texts.size(), 16);
        EXPECT_EQ(taken.texts.front(), "a");
        EXPECT_EQ(taken.texts.back(), "b");
        for (const char* last : {"bay0 firmware 50", "bay1 firmware 50", "bay0 credentials 7"})
            EXPECT_THAT(taken.texts, ::testing::Contains(last));
    }
}

TEST(SlowReaderTest, one_that_keeps_up_gets_all_progress) {
    EventBus bus;
    auto quick = bus.read({.bound = 8, .overflow = Overflow::keep});
    std::vector<std::string> heard;
    for (std::uint64_t done = 1; done <= 100; ++done) {
        bus.publish(progress("bay0", done));
        for (auto& text : take_all(quick).texts)
            heard.push_back(std::move(text));
    }
    EXPECT_EQ(heard.size(), 100);
}

TEST(SlowReaderTest, a_bounded_one_misses_the_oldest_and_is_told_how_many) {
    EventBus bus;
    auto slow = bus.read({.bound = 8});
    std::uint64_t missed = 0;
    std::uint64_t next = 1;
    for (int i = 1; i <= 1000; ++i) {
        bus.publish(note(fmt::format("{}", i)));
        ASSERT_LE(slow.waiting(), 8);
        if (i % 100 != 0) continue;
        const auto delivery = slow.try_next();
        ASSERT_TRUE(delivery);
        EXPECT_EQ(delivery->number, next + delivery->missed) << "what is missing is counted";
        next = delivery->number + 1;
        missed += delivery->missed;
    }
    const Taken rest = take_all(slow);
    EXPECT_EQ(rest.last, 1000) << "the newest is there";
    EXPECT_GT(missed, 0);
    EXPECT_EQ(missed + rest.missed + 10 + rest.texts.size(), 1000);
}

TEST(SlowReaderTest, one_that_keeps_loses_lines_of_the_log_and_nothing_else) {
    EventBus bus;
    auto slow = bus.read({.bound = 8, .overflow = Overflow::keep});
    std::vector<std::string> expected;
    std::uint64_t lines = 0;
    for (int i = 0; i < 1000; ++i) {
        bus.publish(note(fmt::format("{}", i)));
        expected.push_back(fmt::format("{}", i));
        bus.publish(log_line("log"));
        ++lines;
    }
    Taken taken = take_all(slow);
    lines -= std::erase(taken.texts, "log");
    EXPECT_EQ(taken.texts, expected);
    EXPECT_GT(taken.missed, 0);
    EXPECT_EQ(taken.missed, lines) << "those that are missing are counted";
}

TEST(SlowReaderTest, the_newest_is_never_what_goes) {
    for (const Overflow overflow : {Overflow::miss_oldest, Overflow::keep})
        for (const std::size_t bound : {0U, 1U, 2U, 5U}) {
            EventBus bus;
            auto slow = bus.read({.bound = bound, .overflow = overflow});
            for (int i = 0; i < 30; ++i) {
                const auto number =
                    bus.publish(i % 3 == 0   ? log_line("log")
                                : i % 3 == 1 ? note("n")
                                             : progress("bay0", static_cast<std::uint64_t>(i)));
                ASSERT_EQ(number, static_cast<std::uint64_t>(i + 1));
            }
            EXPECT_EQ(take_all(slow).last, 30);
        }
}

// A reader stands still with the bus's every queue full; who tells goes on all the same.
TEST(SlowReaderTest, one_that_stands_still_holds_up_neither_bays_nor_other_readers) {
    EventBus bus(16);
    auto still = bus.read({.bound = 4});
    auto quick = bus.read({.bound = 4});
    std::uint64_t heard = 0;
    for (int i = 0; i < 5000; ++i) {
        bus.publish(note("n"));
        while (quick.try_next())
            ++heard;
    }
    EXPECT_EQ(heard, 5000);
    EXPECT_LE(still.waiting(), 4);
}

}  // namespace
}  // namespace imprint::events
