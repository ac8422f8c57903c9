#include "imprint_identity/wall_clock.h"

#include <ctime>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace imprint_identity {

namespace {

constexpr std::int64_t zones = 50400;  // 14 hours
constexpr std::int64_t day = TimeBound::keep_every_s;

std::string text_of(std::int64_t time) {
    TimeText text;
    to_text(time, text);
    return text;
}

TEST(BuiltAt, reads_what_the_compiler_writes) {
    EXPECT_EQ(built_at("Jan  1 1971", "14:00:00"), 365 * day);
    EXPECT_EQ(built_at("Jul  1 2025", "12:00:00"), 1751371200 - zones);
    EXPECT_EQ(built_at("Feb 29 2024", "23:59:59"), 1709251199 - zones);
    EXPECT_NE(built_at(__DATE__, __TIME__), 0);
}

TEST(BuiltAt, agrees_with_the_c_library) {
    std::mt19937_64 random(4);
    for (int i = 0; i < 2000; ++i) {
        const auto at = static_cast<std::time_t>(365 * day + random() % (200ULL * 365 * day));
        std::tm parts{};
        ASSERT_NE(gmtime_r(&at, &parts), nullptr);
        char date[16];
        char time[16];
        ASSERT_NE(std::strftime(date, sizeof(date), "%b %e %Y", &parts), 0U);
        ASSERT_NE(std::strftime(time, sizeof(time), "%H:%M:%S", &parts), 0U);
        EXPECT_EQ(built_at(date, time), at - zones) << date << " " << time;
        char minute[32];
        ASSERT_NE(std::strftime(minute, sizeof(minute), "%Y-%m-%d %H:%M UTC", &parts), 0U);
        EXPECT_EQ(text_of(at), minute);
    }
}

TEST(BuiltAt, knows_when_there_is_nothing) {
    for (const auto& [date, time] : {std::pair{"", ""},
                                     {"Jul  1 2025", ""},
                                     {"", "12:00:00"},
                                     {"Abc  1 2025", "12:00:00"},
                                     {"Jul xx 2025", "12:00:00"},
                                     {"Jul  0 2025", "12:00:00"},
                                     {"Jul 32 2025", "12:00:00"},
                                     {"Jul  1 1969", "12:00:00"},
                                     {"Jul  1 2025", "24:00:00"},
                                     {"Jul  1 2025", "12:60:00"},
                                     {"Jul  1 2025 ", "12:00:00"},
                                     {"Jul  1 20 5", "12:0 :00"}})
        EXPECT_EQ(built_at(date, time), 0) << date << " " << time;
}

TEST(TimeBound, is_the_later_of_build_and_what_was_kept) {
    EXPECT_EQ(TimeBound(100, 0).earliest(), 100);
    EXPECT_EQ(TimeBound(100, 200).earliest(), 200);
    EXPECT_EQ(TimeBound(300, 200).earliest(), 300) << "a newer firmware over the air";
    EXPECT_EQ(TimeBound(0, 0).earliest(), 0);
}

TEST(TimeBound, takes_no_time_from_before_it) {
    const TimeBound bound(1000, 0);
    EXPECT_FALSE(bound.accepts(0)) << "1970, as a clock that nobody set has it";
    EXPECT_FALSE(bound.accepts(999));
    EXPECT_TRUE(bound.accepts(1000));
}

TEST(TimeBound, moves_with_proven_times_alone) {
    TimeBound bound(1000, 0);
    EXPECT_TRUE(bound.accepts(4'000'000'000)) << "a network's time is tried";
    EXPECT_EQ(bound.earliest(), 1000) << "and not believed, until the broker's certificate fits it";
    EXPECT_TRUE(bound.keep(500'000));
    EXPECT_EQ(bound.earliest(), 500'000);
    EXPECT_FALSE(bound.keep(2000)) << "it never goes back";
    EXPECT_EQ(bound.earliest(), 500'000);
}

TEST(TimeBound, is_written_once_a_day_at_most) {
    TimeBound bound(1000, 0);
    int writes = 0;
    for (std::int64_t now = 1'000'000; now < 1'000'000 + 365 * day; now += 60)
        writes += bound.keep(now) ? 1 : 0;
    EXPECT_EQ(writes, 365);
    TimeBound restarted(1000, 1'000'000 + 364 * day);
    EXPECT_FALSE(restarted.keep(1'000'000 + 364 * day + 3600)) << "nor at each of many starts";
}

TEST(TimeText, fits_whatever_the_clock_says) {
    EXPECT_EQ(text_of(0), "1970-01-01 00:00 UTC");
    EXPECT_EQ(text_of(-60), "1969-12-31 23:59 UTC");
    std::mt19937_64 random(5);
    for (int i = 0; i < 2000; ++i)
        EXPECT_LT(text_of(static_cast<std::int64_t>(random())).size(), sizeof(TimeText));
}

}  // namespace

}  // namespace imprint_identity
