#include "page/pace.h"

#include <gtest/gtest.h>

namespace imprint::page {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(PassPaceTest, is_that_of_the_last_half_hour) {
    PassPace pace;
    Instant now;
    pace.begin(now);
    EXPECT_FALSE(pace.an_hour(now));
    for (int i = 0; i < 60; ++i)
        pace.passed(now += minutes(1));
    EXPECT_NEAR(*pace.an_hour(now), 60, 2.1);
    EXPECT_NEAR(static_cast<double>(pace.until(120, now)->count()), 7200, 240);
    now += minutes(20);
    EXPECT_NEAR(*pace.an_hour(now), 22, 1.1) << "the line stands still";
    now += minutes(20);
    EXPECT_FALSE(pace.an_hour(now)) << "nobody knows any more";
    EXPECT_FALSE(pace.until(120, now));
}

TEST(PassPaceTest, of_too_little_nothing_is_said) {
    PassPace pace;
    Instant now;
    pace.begin(now);
    pace.passed(now += seconds(1));
    pace.passed(now += seconds(1));
    EXPECT_FALSE(pace.an_hour(now)) << "two boards in two seconds are 3,600 an hour";
    now += minutes(1);
    ASSERT_TRUE(pace.an_hour(now));
    EXPECT_FALSE(pace.until(0, now)) << "none are left";
    pace.begin(now);
    EXPECT_FALSE(pace.an_hour(now + minutes(1))) << "another lot";
}

}  // namespace
}  // namespace imprint::page
