// A fleet whose broker goes away and comes back, in simulated time: who tries when, by the waiting
// that the boards' own code does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include "imprint_identity/backoff.h"

namespace imprint_identity {

struct Span {
    std::uint64_t from_ms = 0;
    std::uint64_t to_ms = 0;
};

struct FleetRun {
    std::vector<std::size_t> tries;      // in each second
    std::vector<std::size_t> connected;  // at the end of each second

    // The most tries in one second between two, in percent of the fleet.
    [[nodiscard]] double peak(std::size_t from_s, std::size_t to_s) const {
        const auto end = tries.begin() + static_cast<std::ptrdiff_t>(std::min(to_s, tries.size()));
        const auto begin = tries.begin() + static_cast<std::ptrdiff_t>(from_s);
        return 100.0 * static_cast<double>(*std::max_element(begin, end)) /
               static_cast<double>(boards);
    }

    // The first second at whose end so many are connected; after from_s.
    [[nodiscard]] std::size_t second_of(double share, std::size_t from_s) const {
        for (std::size_t s = from_s; s < connected.size(); ++s)
            if (static_cast<double>(connected[s]) >= share * static_cast<double>(boards)) return s;
        return connected.size();
    }

    std::size_t boards = 0;
};

// How a board waits: gives what is waited before the next try.
using Waiting = std::function<std::uint64_t(Backoff& backoff, std::uint32_t random)>;

// All boards are connected for an hour when the first outage begins. A try at a broker that is away
// fails at once, which is the worst case: then nothing spreads the boards but their waiting.
inline FleetRun run_fleet(std::size_t boards, const std::vector<Span>& outages, std::size_t seconds,
                          const Waiting& wait, const BackoffLimits& limits = {}) {
    struct Board {
        Backoff backoff;
        std::minstd_rand random;  // as different as boards' hardware generators are
        std::uint64_t since_ms = 0;
        bool is_connected = true;
    };

    struct Event {
        std::uint64_t at_ms;
        std::size_t board;

        bool operator>(const Event& other) const {
            return at_ms != other.at_ms ? at_ms > other.at_ms : board > other.board;
        }
    };

    FleetRun run;
    run.boards = boards;
    run.tries.resize(seconds);
    run.connected.resize(seconds);
    std::vector<Board> fleet;
    std::mt19937 seeds(20'26);
    for (std::size_t i = 0; i < boards; ++i)
        fleet.push_back({Backoff(limits), std::minstd_rand(seeds()), 0, true});
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
    std::size_t connected = boards;
    std::size_t filled = 0;
    std::size_t next_outage = 0;

    const auto random_of = [](Board& board) {
        return static_cast<std::uint32_t>(board.random() << 16 ^ board.random());
    };
    const auto is_away = [&](std::uint64_t at) {
        return std::any_of(outages.begin(), outages.end(), [at](const Span& outage) {
            return at >= outage.from_ms && at < outage.to_ms;
        });
    };
    const auto fill = [&](std::uint64_t until_ms) {
        for (; filled < seconds && (filled + 1) * 1000 <= until_ms; ++filled)
            run.connected[filled] = connected;
    };
    const auto begin_outage = [&](std::uint64_t at) {
        fill(at);
        constexpr std::uint64_t before_ms = 3600000;
        for (std::size_t i = 0; i < boards; ++i) {
            Board& board = fleet[i];
            if (!board.is_connected) continue;
            board.is_connected = false;
            const std::uint64_t held = board.since_ms == 0 ? before_ms : at - board.since_ms;
            board.backoff.connection_ended(static_cast<std::uint32_t>(held));
            events.push({at + wait(board.backoff, random_of(board)), i});
        }
        connected = 0;
    };

    const std::uint64_t end_ms = seconds * 1000;
    while (next_outage < outages.size() || !events.empty()) {
        const std::uint64_t outage_ms =
            next_outage < outages.size() ? outages[next_outage].from_ms : end_ms;
        if (events.empty() || events.top().at_ms >= outage_ms) {
            if (next_outage == outages.size()) break;
            begin_outage(outage_ms);
            ++next_outage;
            continue;
        }
        const Event event = events.top();
        events.pop();
        if (event.at_ms >= end_ms) break;
        fill(event.at_ms);
        ++run.tries[event.at_ms / 1000];
        Board& board = fleet[event.board];
        if (is_away(event.at_ms)) {
            events.push({event.at_ms + wait(board.backoff, random_of(board)), event.board});
        } else {
            board.is_connected = true;
            board.since_ms = event.at_ms;
            ++connected;
        }
    }
    fill(end_ms);
    return run;
}

inline std::uint64_t as_the_boards(Backoff& backoff, std::uint32_t random) {
    return backoff.next_ms(random);
}

}  // namespace imprint_identity
