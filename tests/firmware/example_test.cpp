// The example firmware's main task, over a played chip: what its loop makes of a connection.
#include <chrono>
#include <gtest/gtest.h>

#include "played_chip.h"

extern "C" void app_main();

namespace imprint_identity {

namespace {

// The main task goes on where it was left: all that it knows is in a device that never ends.
void live(PlayedChip& chip, std::chrono::milliseconds time) {
    chip.end_ms = chip.now_ms + time.count();
    EXPECT_THROW(app_main(), MainTaskLeft);
}

TEST(ExampleFirmware, what_the_broker_throws_out_for_what_it_says_is_not_kept) {
    PlayedChip chip;
    chip.kicks_after_ms = 500;
    live(chip, std::chrono::minutes(15));
    EXPECT_GT(chip.tries_ms.size(), 5U);
    EXPECT_EQ(chip.proofs, 0U);
    chip.kicks_after_ms = 0;
    live(chip, std::chrono::minutes(5));
    EXPECT_GT(chip.proofs, 0U);
}

}  // namespace

}  // namespace imprint_identity
