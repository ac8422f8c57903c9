#include "logins/sessions.h"

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace imprint::logins {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Instant opened{hours(1)};

TEST(Sessions, a_secret_is_64_hex_digits_and_no_two_are_alike) {
    Sessions sessions;
    const std::string one = sessions.begin({"anna", "h"}, opened);
    const std::string other = sessions.begin({"anna", "h"}, opened);
    EXPECT_EQ(one.size(), 64U);
    EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(one, other);
    ASSERT_NE(sessions.find(one, opened), nullptr);
    EXPECT_EQ(sessions.find(one, opened)->name, "anna");
    EXPECT_EQ(sessions.find(std::string(64, 'a'), opened), nullptr);
    EXPECT_EQ(sessions.find("", opened), nullptr);
}

TEST(Sessions, one_that_is_not_used_ends) {
    Sessions sessions;
    const std::string secret = sessions.begin({"anna", "h"}, opened);
    EXPECT_NE(sessions.find(secret, opened + hours(12) - seconds(1)), nullptr);
    EXPECT_EQ(sessions.find(secret, opened + hours(12)), nullptr);
    sessions.use(secret, opened + hours(12));  // too late
    EXPECT_EQ(sessions.find(secret, opened + hours(12)), nullptr);
}

TEST(Sessions, one_that_is_used_ends_after_a_day_all_the_same) {
    Sessions sessions;
    const std::string secret = sessions.begin({"anna", "h"}, opened);
    for (int i = 1; i < 24; ++i)
        sessions.use(secret, opened + hours(i));
    EXPECT_NE(sessions.find(secret, opened + hours(24) - seconds(1)), nullptr);
    EXPECT_EQ(sessions.find(secret, opened + hours(24)), nullptr);
}

TEST(Sessions, an_ended_one_is_gone) {
    Sessions sessions;
    const std::string secret = sessions.begin({"anna", "h"}, opened);
    sessions.end(secret);
    EXPECT_EQ(sessions.find(secret, opened), nullptr);
}

TEST(Sessions, for_one_too_many_the_longest_unused_goes) {
    Sessions sessions({.most = 3});
    std::vector<std::string> secrets;
    for (int i = 0; i < 3; ++i)
        secrets.push_back(sessions.begin({"anna", "h"}, opened + seconds(i)));
    sessions.use(secrets[0], opened + seconds(10));
    secrets.push_back(sessions.begin({"bert", "h"}, opened + seconds(11)));
    EXPECT_EQ(sessions.size(), 3U);
    EXPECT_EQ(sessions.find(secrets[1], opened + seconds(11)), nullptr);
    for (const int i : {0, 2, 3})
        EXPECT_NE(sessions.find(secrets[i], opened + seconds(11)), nullptr) << i;
}

TEST(Sessions, the_usual_bound_holds) {
    Sessions sessions;
    for (int i = 0; i < 1100; ++i)
        static_cast<void>(sessions.begin({"anna", "h"}, opened));
    EXPECT_EQ(sessions.size(), 1000U);
}

}  // namespace
}  // namespace imprint::logins
