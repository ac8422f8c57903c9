#include "aws/retry.h"

#include <gtest/gtest.h>

namespace imprint::aws {
namespace {

TEST(RetryTest, troubles_are_told_apart) {
    EXPECT_EQ(trouble_of(0, "registry_unreachable"), Trouble::unsent);
    EXPECT_EQ(trouble_of(0, "registry_reply_lost"), Trouble::maybe_done);
    EXPECT_EQ(trouble_of(200, "registry_answer_damaged"), Trouble::maybe_done);
    EXPECT_EQ(trouble_of(429, "ThrottlingException"), Trouble::throttled);
    EXPECT_EQ(trouble_of(400, "ThrottlingException"), Trouble::throttled);
    EXPECT_EQ(trouble_of(429, "UnknownError"), Trouble::throttled);
    EXPECT_EQ(trouble_of(500, "InternalFailureException"), Trouble::maybe_done);
    EXPECT_EQ(trouble_of(503, "ServiceUnavailableException"), Trouble::maybe_done);
    for (const char* final :
         {"ResourceNotFoundException", "InvalidRequestException", "LimitExceededException",
          "AccessDeniedException", "ResourceAlreadyExistsException", "DeleteConflictException"})
        EXPECT_EQ(trouble_of(400, final), Trouble::none) << final;
    EXPECT_EQ(trouble_of(0, "registry_not_trusted"), Trouble::none);
}

TEST(RetryTest, waits_grow_are_spread_and_end_at_twenty_seconds) {
    Backoff backoff(3);
    Milliseconds longest{0};
    for (unsigned attempt = 1; attempt < 100; ++attempt) {
        const Milliseconds pause = backoff.wait(attempt, {});
        EXPECT_GE(pause, Milliseconds(50));
        EXPECT_LE(pause, Milliseconds(std::min(100L << std::min(attempt, 16U), 20'000L)));
        longest = std::max(longest, pause);
    }
    EXPECT_GT(longest, Milliseconds(15'000));
}

TEST(RetryTest, the_same_seed_waits_the_same_and_another_one_otherwise) {
    Backoff one(1);
    Backoff again(1);
    Backoff other(2);
    int different = 0;
    for (unsigned attempt = 1; attempt < 20; ++attempt) {
        const auto pause = one.wait(attempt, {});
        EXPECT_EQ(pause, again.wait(attempt, {}));
        different += pause != other.wait(attempt, {}) ? 1 : 0;
    }
    EXPECT_GT(different, 10);
}

TEST(RetryTest, what_the_service_asks_for_is_the_least_within_reason) {
    Backoff backoff(5);
    EXPECT_GE(backoff.wait(1, Milliseconds(3000)), Milliseconds(3000));
    EXPECT_EQ(backoff.wait(1, Milliseconds(3'600'000)), Milliseconds(20'000));
}

}  // namespace
}  // namespace imprint::aws
