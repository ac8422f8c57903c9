#include "base/clock.h"

#include <gtest/gtest.h>
#include <thread>

namespace imprint {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

TEST(Iso8601, is_utc_to_the_millisecond) {
    const sys_days day = std::chrono::year(2026) / 7 / 14;
    EXPECT_EQ(to_iso8601(day + 9h + 30min + 125ms), "2026-07-14T09:30:00.125Z");
    EXPECT_EQ(to_iso8601(day), "2026-07-14T00:00:00.000Z");
    EXPECT_EQ(to_iso8601(day - 1ms), "2026-07-13T23:59:59.999Z");
}

TEST(Iso8601, cuts_what_is_finer_than_a_millisecond) {
    EXPECT_EQ(to_iso8601(sys_days{} + 1999us), "1970-01-01T00:00:00.001Z");
}

TEST(Iso8601, knows_leap_days_and_the_time_before_1970) {
    EXPECT_EQ(to_iso8601(sys_days(std::chrono::year(2024) / 2 / 29)), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(to_iso8601(sys_days{} - 1ms), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_iso8601(sys_days{} - 1us), "1969-12-31T23:59:59.999Z");
}

TEST(SystemClock, never_goes_back) {
    const SystemClock clock;
    const Instant before = clock.now();
    EXPECT_GE(clock.now(), before);
    EXPECT_GT(clock.wall(), sys_days(std::chrono::year(2020) / 1 / 1));
}

TEST(SystemClock, sleeps_at_least_as_long_as_asked) {
    SystemClock clock;
    const Instant before = clock.now();
    EXPECT_TRUE(clock.sleep(5ms));
    EXPECT_GE(clock.now() - before, 5ms);
    const std::stop_source source;
    EXPECT_TRUE(clock.sleep(1ms, source.get_token()));
    EXPECT_TRUE(clock.sleep(-1ms));
}

TEST(SystemClock, a_stop_ends_its_sleep) {
    SystemClock clock;
    std::stop_source source;
    const std::jthread stopper([&] { source.request_stop(); });
    // An hour: the test's own time limit says whether it slept.
    EXPECT_FALSE(clock.sleep(1h, source.get_token()));
    EXPECT_FALSE(clock.sleep(1h, source.get_token()));
}

TEST(Iso8601, is_read_as_services_and_tools_write_it) {
    for (const char* text :
         {"2026-07-14T09:30:00Z", "2026-07-14T09:30:00.000Z", "2026-07-14T09:30:00.123456Z",
          "2026-07-14 09:30:00+00:00", "2026-07-14T09:30:00UTC", "2026-07-14T11:30:00+02:00",
          "2026-07-14T05:00:00-0430"}) {
        const auto time = parse_iso8601(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_iso8601(*time), "2026-07-14T09:30:00.000Z") << text;
    }
    for (const char* text :
         {"", "2026", "2026-07-14", "2026-07-14T09:30Z", "2026-07-14T09:30:00",
          "2026-13-14T09:30:00Z", "2026-02-30T09:30:00Z", "2026-07-14T24:30:00Z",
          "2026-07-14T09:60:00Z", "2026-07-14T09:30:00.Z", "2026-07-14T09:30:00+2",
          "2026-07-14T09:30:00+99:00", "2026-07-14T09:30:00Zx", "-026-07-14T09:30:00Z",
          "2026-07-14T 9:30:00Z"})
        EXPECT_FALSE(parse_iso8601(text)) << text;
    // Beyond what the clock can count.
    EXPECT_EQ(to_iso8601(parse_iso8601("9999-12-31T23:59:59Z").value()).substr(0, 4), "2200");
}

}  // namespace
}  // namespace imprint
