#include "logins/turns.h"

#include <gtest/gtest.h>
#include <optional>
#include <thread>

namespace imprint::logins {
namespace {

TEST(Turns, one_has_it_and_those_beyond_the_queue_are_sent_away) {
    Turns turns(1);
    std::optional<Turn> first(std::in_place, turns);
    ASSERT_TRUE(*first);
    bool had_it = false;
    std::jthread second([&] {
        const Turn mine(turns);
        had_it = static_cast<bool>(mine);
    });
    while (turns.waiting() == 0)
        std::this_thread::yield();
    EXPECT_FALSE(Turn(turns));
    EXPECT_FALSE(had_it);
    first.reset();
    second.join();
    EXPECT_TRUE(had_it);
    EXPECT_TRUE(Turn(turns));
}

TEST(Turns, without_a_queue_nobody_waits) {
    Turns turns(0);
    const Turn first(turns);
    EXPECT_FALSE(Turn(turns));
}

}  // namespace
}  // namespace imprint::logins
