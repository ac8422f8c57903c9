// What of an interface is code: how long a wait goes on, and which errors mean that nobody was
// there.
#include "registry/registry.h"

#include <gtest/gtest.h>

#include "ledger/memory_clock.h"

namespace imprint::registry {
namespace {

Error error_of(const char* code) {
    return {ErrorKind::registry, code, "", "", {}};
}

TEST(OutOfReach, is_where_nobody_answered_and_not_where_somebody_refused) {
    for (const char* code : {"registry_unreachable", "registry_reply_lost", "proxy_refused"})
        EXPECT_TRUE(is_out_of_reach(error_of(code))) << code;
    for (const char* code : {"AccessDeniedException", "UnrecognizedClientException",
                             "ThrottlingException", "thing_type_deprecated", "identity_lost"})
        EXPECT_FALSE(is_out_of_reach(error_of(code))) << code;
}

TEST(PatienceTest, waits_longer_each_time_and_no_longer_than_it_was_given) {
    ledger::testing::LedgerClock clock;
    const Instant begun = clock.now();
    Patience patience(clock, Milliseconds(5000));
    Milliseconds longest{0};
    for (Instant before = begun; patience.pause(); before = clock.now()) {
        const auto waited = std::chrono::duration_cast<Milliseconds>(clock.now() - before);
        EXPECT_LE(waited, Milliseconds(1000));
        longest = std::max(longest, waited);
    }
    EXPECT_EQ(longest, Milliseconds(1000));
    EXPECT_EQ(clock.now() - begun, Milliseconds(5000));
}

TEST(PatienceTest, ends_with_a_stop) {
    ledger::testing::LedgerClock clock;
    std::stop_source stop;
    Patience patience(clock, Milliseconds(5000), stop.get_token());
    EXPECT_TRUE(patience.pause());
    stop.request_stop();
    EXPECT_FALSE(patience.pause());
}

}  // namespace
}  // namespace imprint::registry
