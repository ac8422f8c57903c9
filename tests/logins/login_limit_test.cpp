#include "logins/login_limit.h"

#include <chrono>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>

namespace imprint::logins {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant start{std::chrono::hours(1)};
constexpr const char* elsewhere = "192.0.2.7";

void fail_often(LoginLimit& limit, int times, const char* address, const char* user) {
    for (int i = 0; i < times; ++i)
        limit.failed(address, user, start);
}

TEST(LoginLimit, five_tries_are_free_and_then_waits_grow_to_a_minute) {
    LoginLimit limit;
    Instant now = start;
    for (int i = 0; i < 4; ++i) {
        limit.failed(elsewhere, "anna", now);
        EXPECT_EQ(limit.wait(elsewhere, "anna", now), seconds(0)) << i;
    }
    for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
        limit.failed(elsewhere, "anna", now);
        EXPECT_EQ(limit.wait(elsewhere, "anna", now), seconds(expected));
        now += seconds(expected);
        EXPECT_EQ(limit.wait(elsewhere, "anna", now), seconds(0)) << expected;
    }
}

TEST(LoginLimit, an_address_waits_whomever_it_tries) {
    LoginLimit limit;
    for (int i = 0; i < 5; ++i)
        limit.failed(elsewhere, fmt::format("user{}", i), start);
    EXPECT_EQ(limit.wait(elsewhere, "another", start), seconds(1));
    EXPECT_EQ(limit.wait("192.0.2.8", "another", start), seconds(0));
}

TEST(LoginLimit, a_user_is_not_guessed_from_many_addresses) {
    LoginLimit limit;
    for (int i = 0; i < 5; ++i)
        limit.failed(fmt::format("192.0.2.{}", i), "anna", start);
    EXPECT_EQ(limit.wait("198.51.100.1", "anna", start), seconds(1));
    EXPECT_EQ(limit.wait("198.51.100.1", "bert", start), seconds(0));
}

TEST(LoginLimit, a_network_of_ipv6_is_one_address) {
    EXPECT_EQ(counted_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(counted_address("2001:DB8:1:2::9"), "2001:db8:1:2::/64");
    EXPECT_EQ(counted_address("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(counted_address("127.0.0.1"), "loopback");
    EXPECT_EQ(counted_address("::1"), "loopback");
    LoginLimit limit;
    for (int i = 0; i < 5; ++i)
        limit.failed(fmt::format("2001:db8::{}", i + 1), fmt::format("user{}", i), start);
    EXPECT_EQ(limit.wait("2001:db8::99", "anna", start), seconds(1));
    EXPECT_EQ(limit.wait("2001:db8:0:1::99", "anna", start), seconds(0));
}

TEST(LoginLimit, nobody_on_the_network_keeps_this_machine_out) {
    LoginLimit limit;
    fail_often(limit, 50, elsewhere, "anna");
    EXPECT_EQ(limit.wait("127.0.0.1", "anna", start), seconds(0));
    EXPECT_EQ(limit.wait("::1", "anna", start), seconds(0));
    EXPECT_EQ(limit.wait("192.0.2.8", "anna", start), seconds(60));
}

TEST(LoginLimit, guesses_on_this_machine_wait_too) {
    LoginLimit limit;
    fail_often(limit, 5, "127.0.0.1", "anna");
    EXPECT_EQ(limit.wait("127.0.0.3", "bert", start), seconds(1));
}

TEST(LoginLimit, a_login_forgets_the_users_failures_and_not_the_addresss) {
    LoginLimit limit;
    fail_often(limit, 5, elsewhere, "anna");
    limit.succeeded("anna");
    EXPECT_EQ(limit.wait("192.0.2.8", "anna", start), seconds(0));
    EXPECT_EQ(limit.wait(elsewhere, "anna", start), seconds(1));
}

TEST(LoginLimit, after_a_quarter_of_an_hour_all_is_forgotten) {
    LoginLimit limit;
    fail_often(limit, 20, elsewhere, "anna");
    limit.failed(elsewhere, "anna", start + minutes(15));
    EXPECT_EQ(limit.wait(elsewhere, "anna", start + minutes(15)), seconds(0));
}

TEST(LoginLimit, a_flood_of_addresses_and_names_keeps_who_waits_and_takes_no_memory) {
    LoginLimit limit({.most = 100});
    fail_often(limit, 10, elsewhere, "anna");
    for (int i = 0; i < 5000; ++i)
        limit.failed(fmt::format("10.0.{}.{}", i / 250, i % 250),
                     std::string(5000, 'x') + std::to_string(i),
                     start + std::chrono::milliseconds(i));
    for (int i = 0; i < 5000; ++i)
        limit.failed(fmt::format("10.0.{}.{}", i / 250, i % 250), fmt::format("user{}", i),
                     start + std::chrono::milliseconds(i));
    EXPECT_LE(limit.size(), 200U);
    EXPECT_GT(limit.wait(elsewhere, "x", start + seconds(1)), seconds(0));
    EXPECT_GT(limit.wait("10.9.9.9", "anna", start + seconds(1)), seconds(0));
}

}  // namespace
}  // namespace imprint::logins
