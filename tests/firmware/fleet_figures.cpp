// The figures of docs/reconnects.svg, as CSV: 10,000 boards whose broker is away for ten minutes.
// scripts/plot_reconnects draws them.
#include <fmt/format.h>

#include "fleet.h"

int main() {
    using namespace imprint_identity;
    constexpr std::size_t boards = 10'000;
    constexpr std::size_t seconds = 800;
    const std::vector<Span> outage{{0, 600'000}};
    const FleetRun spread = run_fleet(boards, outage, seconds, as_the_boards);
    const FleetRun fixed = run_fleet(boards, outage, seconds,
                                     [](Backoff&, std::uint32_t) { return std::uint64_t{5000}; });
    fmt::print("second,tries,connected,fixed_tries,fixed_connected\n");
    for (std::size_t s = 0; s < seconds; ++s)
        fmt::print("{},{},{},{},{}\n", s, spread.tries[s], spread.connected[s], fixed.tries[s],
                   fixed.connected[s]);
}
