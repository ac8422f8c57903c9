#include "loader/timing.h"

#include <gtest/gtest.h>

#include "loader/reset_sequence.h"

namespace imprint::loader {
namespace {

using namespace std::chrono_literals;
using transport::Lines;

TEST(Timing, grows_with_size_from_a_floor) {
    EXPECT_EQ(timing::for_size(timing::md5_ms_per_mb, 0), 3s);
    EXPECT_EQ(timing::for_size(timing::md5_ms_per_mb, 1'000'000), 8s);
    EXPECT_EQ(timing::for_size(timing::erase_ms_per_mb, 16'000'000), 640s);
}

TEST(Timing, a_block_allows_for_the_erases_that_it_causes) {
    // 16 KB that inflate to 16 KB: two block erases. A megabyte: 33.
    EXPECT_EQ(timing::for_stub_block(16'384), Milliseconds((16'384 + 2 * 65'536) * 40 / 1000));
    EXPECT_EQ(timing::for_stub_block(1 << 20), Milliseconds(((1 << 20) + 33 * 65'536) * 40 / 1000));
}

TEST(Timing, the_wire_has_its_own_time) {
    EXPECT_GE(timing::on_the_wire(16'384, 115'200), 1422ms);
    EXPECT_LT(timing::on_the_wire(16'384, 921'600), 300ms);
    EXPECT_EQ(timing::on_the_wire(0, 0), 0ms);
}

// What EN and IO0 see behind Espressif's two transistors.
bool en_low(Lines lines) {
    return lines.rts && !lines.dtr;
}

bool io0_low(Lines lines) {
    return lines.dtr && !lines.rts;
}

TEST(ResetSequence, each_holds_en_low_for_long_enough_and_then_io0_while_en_rises) {
    for (const bool jtag : {false, true}) {
        const auto sequences = loader_resets({true, true, jtag});
        EXPECT_EQ(sequences.size(), jtag ? 3U : 5U);
        for (const ResetSequence& sequence : sequences) {
            Milliseconds in_reset{0};
            for (const ResetStep& step : sequence)
                if (en_low(step.lines)) in_reset += step.hold;
            EXPECT_GE(in_reset, 100ms);
            EXPECT_EQ(sequence.back().lines, Lines{}) << "nothing is held when it is over";
            if (jtag) continue;
            const auto io0 = std::ranges::find_if(
                sequence, [](const ResetStep& step) { return io0_low(step.lines); });
            ASSERT_NE(io0, sequence.end());
            EXPECT_GE(io0->hold, 50ms);
        }
    }
}

TEST(ResetSequence, the_tight_one_never_lets_en_rise_beside_a_high_io0) {
    const ResetSequence tight = loader_resets({true, true, false}).front();
    for (std::size_t i = 0; i + 1 < tight.size(); ++i) {
        EXPECT_TRUE(!en_low(tight[i].lines) || io0_low(tight[i + 1].lines)) << "step " << i;
    }
}

TEST(ResetSequence, to_run_touches_en_alone) {
    for (const ResetStep& step : run_reset({true, true, false}))
        EXPECT_FALSE(io0_low(step.lines));
    EXPECT_TRUE(en_low(run_reset({true, true, false}).front().lines));
}

TEST(ResetSequence, there_is_none_without_lines) {
    EXPECT_TRUE(loader_resets({false, true, false}).empty());
}

}  // namespace
}  // namespace imprint::loader
