// What an operator does at a bench, move by move, by a seed: boards are plugged in and left alone,
// pulled in the midst of the work, exchanged, plugged in once more, cables break and are mended.
// The plan knows nothing of results, and nothing but its options decides it.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "base/clock.h"

namespace imprint::simulator {

enum class Hand : std::uint8_t { put, take, swap, break_cable, mend_cable };

struct PlanOptions {
    std::uint64_t seed = 0;
    unsigned bays = 4;
    unsigned boards = 0;          // that are to be done; 0: without end
    Milliseconds stay{30'000};    // what is long enough for a board
    Milliseconds work{};          // within which it is disturbed, if it is; 0: within `stay`
    Milliseconds between{2'000};  // at most, from one board in a bay to the next
};

struct HandMove {
    Milliseconds at{};  // since the plan began
    Hand what = Hand::put;
    unsigned bay = 0;    // from 0
    unsigned board = 0;  // from 0: the one that is in the bay now, or was taken out
    std::optional<unsigned> former = {};  // swap: the one that was in it
    // take, swap: how long that one had been in, since it was put in or its cable was mended.
    Milliseconds stay{};
    bool long_enough = false;  // and the cable whole
    bool shipped = false;      // it is never seen again
    auto operator<=>(const HandMove&) const = default;
};

class OperatorPlan {
  public:
    explicit OperatorPlan(const PlanOptions& options);

    // In the order of their times. Nothing: each of the boards has been in long enough once, and
    // all are out.
    [[nodiscard]] std::optional<HandMove> next();

  private:
    enum class Intent : std::uint8_t {
        put,
        put_back,
        take,
        swap,
        exchange,
        break_cable,
        mend_cable
    };

    struct Planned {
        Milliseconds at;
        Intent what;
        std::optional<unsigned> board = {};  // put_back; none: the one that was taken out here
    };

    struct Bay {
        std::deque<Planned> agenda;
        std::optional<unsigned> board;
        Milliseconds since{};
        bool cable_whole = true;
        Milliseconds free{};           // since then
        std::optional<unsigned> held;  // taken out, and to be put back soon
    };

    struct Fate {
        bool done = false;  // it was in long enough
    };

    [[nodiscard]] bool is_over() const;
    [[nodiscard]] std::optional<unsigned> choose_board();
    void plan_visit(Bay& bay);
    void stay_long(Bay& bay, Milliseconds from);
    [[nodiscard]] std::optional<HandMove> carry_out(unsigned bay, const Planned& planned);
    [[nodiscard]] HandMove put(unsigned bay, unsigned board, Milliseconds at);
    [[nodiscard]] HandMove leave(unsigned bay, Milliseconds at, bool to_hand);
    void exchange(unsigned bay, Milliseconds at);

    [[nodiscard]] unsigned chance(unsigned of) { return static_cast<unsigned>(random_() % of); }

    [[nodiscard]] Milliseconds up_to(Milliseconds most);

    PlanOptions options_;
    std::mt19937_64 random_;
    std::vector<Bay> bays_;
    std::vector<Fate> boards_;   // those that were ever in a bay
    std::vector<unsigned> box_;  // those that may come again
    unsigned done_ = 0;          // boards that were in long enough
};

}  // namespace imprint::simulator
