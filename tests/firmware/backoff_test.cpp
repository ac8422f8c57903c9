#include "imprint_identity/backoff.h"

#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

#include "fleet.h"

namespace imprint_identity {

namespace {

// Each of the 32 bits as likely as not.
class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}

    std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

  private:
    std::mt19937 engine_;
};

constexpr std::uint32_t lowest = 0;
constexpr std::uint32_t highest = 0xFFFFFFFF;

TEST(Backoff, the_waiting_grows_from_a_second_to_128_seconds) {
    Backoff backoff;
    for (const std::uint32_t most : {4000U, 8000U, 16000U, 32000U, 64000U, 128000U, 128000U}) {
        Backoff patient = backoff;
        EXPECT_EQ(patient.next_ms(highest), most);
        EXPECT_EQ(backoff.next_ms(lowest), 1000U) << "by chance, any board may be early";
    }
}

TEST(Backoff, chance_decides_between_the_bounds) {
    Random random(1);
    Backoff backoff;
    for (int i = 0; i < 10; ++i)
        (void)backoff.next_ms(random());
    double sum = 0;
    constexpr int times = 20000;
    for (int i = 0; i < times; ++i) {
        const std::uint32_t wait = backoff.next_ms(random());
        ASSERT_GE(wait, 1000U);
        ASSERT_LE(wait, 128000U);
        sum += wait;
    }
    EXPECT_NEAR(sum / times, 64500, 1000) << "the middle of all that is possible";
}

TEST(Backoff, a_connection_that_lasted_starts_it_anew) {
    Backoff backoff;
    for (int i = 0; i < 4; ++i)
        (void)backoff.next_ms(lowest);
    backoff.connection_ended(29'999);
    EXPECT_EQ(backoff.most_ms(), 64000U) << "one that did not last changes nothing";
    backoff.connection_ended(30'000);
    EXPECT_EQ(backoff.most_ms(), 4000U);
}

TEST(Backoff, any_limits_are_kept) {
    Random random(2);
    for (int round = 0; round < 200; ++round) {
        BackoffLimits limits;
        limits.shortest_ms = 1 + random() % 5000;
        limits.first_ms = limits.shortest_ms + random() % 5000;
        limits.longest_ms = limits.first_ms + random() % 0xFFFF0000;
        Backoff backoff(limits);
        for (int i = 0; i < 40; ++i) {
            const std::uint32_t wait = backoff.next_ms(random());
            ASSERT_GE(wait, limits.shortest_ms);
            ASSERT_LE(wait, limits.longest_ms);
        }
        EXPECT_EQ(backoff.most_ms(), limits.longest_ms);
    }
}

TEST(FailedStarts, wait_longer_and_longer_for_the_restart) {
    alignas(FailedStarts) unsigned char after_power_came[sizeof(FailedStarts)];
    Random random(3);
    for (unsigned char& byte : after_power_came)
        byte = static_cast<unsigned char>(random());
    auto& starts = *reinterpret_cast<FailedStarts*>(after_power_came);
    for (const std::uint32_t pause :
         {10U, 20U, 40U, 80U, 160U, 320U, 640U, 1280U, 2560U, 3600U, 3600U, 3600U})
        EXPECT_EQ(starts.pause_s(), pause);
    starts.forget();
    EXPECT_EQ(starts.pause_s(), 10U);
}

TEST(FailedStarts, are_not_what_memory_happens_to_hold) {
    constexpr std::uint32_t looks_like_seven[] = {7, 7};
    static_assert(sizeof(looks_like_seven) == sizeof(FailedStarts));
    FailedStarts starts{};
    std::memcpy(static_cast<void*>(&starts), looks_like_seven, sizeof(starts));
    EXPECT_EQ(starts.pause_s(), 10U);
}

// --- Ten thousand boards ------------------------------------------------------------------------

constexpr std::size_t fleet_size = 10'000;
constexpr double allowed = 2.0;  // percent of the fleet in one second

class Outage : public testing::TestWithParam<unsigned> {};

TEST_P(Outage, brings_no_second_peak) {
    const std::size_t away = GetParam();
    const std::size_t seconds = away + 600;
    const FleetRun run = run_fleet(fleet_size, {{0, away * 1000}}, seconds, as_the_boards);
    const double after = run.peak(away, seconds);
    fmt::print(
        "away for {} s: at most {:.2f} % of the fleet in one second after that; half are "
        "there after {} s, 99 % after {} s, all after {} s\n",
        away, after, run.second_of(0.5, away) - away + 1, run.second_of(0.99, away) - away + 1,
        run.second_of(1, away) - away + 1);
    EXPECT_LT(after, allowed);
    EXPECT_LE(run.second_of(1, away), away + 129) << "nobody waits longer than that";
}

INSTANTIATE_TEST_SUITE_P(Lengths, Outage, testing::Values(120, 600, 3600));

// No waiting of a few seconds can spread ten thousand boards: what is asked here is that they are
// spread as far as the time that they have waited.
TEST(ShortOutage, is_spread_over_the_time_that_was_waited) {
    for (const auto& [away, share] : {std::pair{5U, 18.0}, {10U, 14.0}, {30U, 5.0}, {60U, 2.5}}) {
        const FleetRun run =
            run_fleet(fleet_size, {{0, away * 1000ULL}}, away + 600, as_the_boards);
        fmt::print("away for {} s: at most {:.2f} % of the fleet in one second after that\n", away,
                   run.peak(away, away + 600));
        EXPECT_LT(run.peak(away, away + 600), share);
    }
}

// A broker that comes up, takes everybody and falls again.
TEST(FlappingBroker, is_not_run_down_by_those_whom_it_drops) {
    constexpr std::size_t first = 600;
    std::vector<Span> outages;
    for (std::uint64_t at = 0; at < 10; ++at)
        outages.push_back({at == 0 ? 0 : (first + at * 20) * 1000, (first + at * 20 + 10) * 1000});
    const std::size_t last = outages.back().to_ms / 1000;
    const FleetRun run = run_fleet(fleet_size, outages, last + 600, as_the_boards);
    fmt::print(
        "ten times there for 10 s and away for 10 s: at most {:.2f} % of the fleet in one "
        "second\n",
        run.peak(first, last + 600));
    EXPECT_LT(run.peak(first, last + 600), allowed);
}

TEST(FixedWaiting, is_what_this_is_better_than) {
    const FleetRun run = run_fleet(fleet_size, {{0, 600'000}}, 1200,
                                   [](Backoff&, std::uint32_t) { return std::uint64_t{5000}; });
    EXPECT_EQ(run.peak(600, 1200), 100.0) << "all of them, in one second";
}

}  // namespace

}  // namespace imprint_identity
