#include "simulator/operator_plan.h"

#include <algorithm>
#include <utility>

namespace imprint::simulator {

namespace {

// From one hand to the other.
constexpr Milliseconds at_once{150};
// Of a hundred visits of a board: those that are disturbed, and how.
constexpr unsigned pulled = 15;
constexpr unsigned swapped = 8;
constexpr unsigned plugged_again = 6;
constexpr unsigned cable_broken = 6;
constexpr unsigned exchanged = 5;
// Of a hundred boards that are done, those that come once more.
constexpr unsigned comes_again = 10;
// Of a hundred choices, those that fall on a board of the box, if there is one.
constexpr unsigned from_the_box = 40;

}  // namespace

OperatorPlan::OperatorPlan(const PlanOptions& options)
    : options_(options), random_(options.seed), bays_(options.bays) {
    if (options_.work == Milliseconds(0)) options_.work = options_.stay;
}

Milliseconds OperatorPlan::up_to(Milliseconds most) {
    const auto count = std::max<std::int64_t>(most.count(), 1);
    return Milliseconds(1 +
                        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count)));
}

bool OperatorPlan::is_over() const {
    return options_.boards > 0 && done_ >= options_.boards;
}

std::optional<HandMove> OperatorPlan::next() {
    for (;;) {
        for (Bay& bay : bays_)
            if (bay.agenda.empty() && !is_over()) plan_visit(bay);
        std::optional<unsigned> first;
        for (unsigned i = 0; i < bays_.size(); ++i)
            if (!bays_[i].agenda.empty() &&
                (!first || bays_[i].agenda.front().at < bays_[*first].agenda.front().at))
                first = i;
        if (!first) return std::nullopt;
        const Planned planned = bays_[*first].agenda.front();
        bays_[*first].agenda.pop_front();
        if (auto move = carry_out(*first, planned)) return move;
    }
}

// Which board it is turns out when it is put in.
void OperatorPlan::plan_visit(Bay& bay) {
    const Milliseconds in = bay.free + up_to(options_.between);
    bay.agenda.push_back({in, Intent::put});
    const Milliseconds disturbed = in + up_to(options_.work);
    unsigned kind = chance(100);
    const auto falls_on = [&kind](unsigned share) {
        const bool hit = kind < share;
        kind -= hit ? 0 : share;
        return hit;
    };
    if (falls_on(pulled)) {
        bay.agenda.push_back({disturbed, Intent::take});
    } else if (falls_on(swapped)) {
        bay.agenda.push_back({disturbed, Intent::swap});
        stay_long(bay, disturbed);
    } else if (falls_on(plugged_again)) {
        const Milliseconds back = disturbed + up_to(options_.between);
        bay.agenda.push_back({disturbed, Intent::take});
        bay.agenda.push_back({back, Intent::put_back});
        stay_long(bay, back);
    } else if (falls_on(cable_broken)) {
        const Milliseconds mended = disturbed + up_to(options_.work);
        bay.agenda.push_back({disturbed, Intent::break_cable});
        bay.agenda.push_back({mended, Intent::mend_cable});
        stay_long(bay, mended);
    } else if (falls_on(exchanged)) {
        bay.agenda.push_back({disturbed, Intent::exchange});
    } else {
        stay_long(bay, in);
    }
}

void OperatorPlan::stay_long(Bay& bay, Milliseconds from) {
    bay.agenda.push_back({from + options_.stay + up_to(options_.stay / 2), Intent::take});
}

std::optional<unsigned> OperatorPlan::choose_board() {
    const bool has_new = options_.boards == 0 || boards_.size() < options_.boards;
    if (!box_.empty() && (!has_new || chance(100) < from_the_box)) {
        const auto chosen = box_.begin() + static_cast<std::ptrdiff_t>(random_() % box_.size());
        const unsigned board = *chosen;
        box_.erase(chosen);
        return board;
    }
    if (!has_new) return std::nullopt;
    boards_.push_back({});
    return static_cast<unsigned>(boards_.size() - 1);
}

HandMove OperatorPlan::put(unsigned bay, unsigned board, Milliseconds at) {
    bays_[bay].board = board;
    bays_[bay].since = at;
    return {.at = at, .what = Hand::put, .bay = bay, .board = board};
}

// to_hand: it stays at the bench, and is put in again soon.
HandMove OperatorPlan::leave(unsigned bay, Milliseconds at, bool to_hand) {
    Bay& from = bays_[bay];
    const unsigned board = *std::exchange(from.board, std::nullopt);
    from.free = at;
    HandMove move{.at = at, .what = Hand::take, .bay = bay, .board = board};
    move.stay = at - from.since;
    move.long_enough = from.cable_whole && move.stay >= options_.stay;
    if (move.long_enough && !std::exchange(boards_[board].done, true)) ++done_;
    if (to_hand) return move;
    move.shipped = boards_[board].done && chance(100) >= comes_again;
    if (!move.shipped) box_.push_back(board);
    return move;
}

// Two boards are taken out and put back crosswise.
void OperatorPlan::exchange(unsigned bay, Milliseconds at) {
    std::vector<unsigned> others;
    for (unsigned i = 0; i < bays_.size(); ++i)
        if (i != bay && bays_[i].board && bays_[i].cable_whole && bays_[i].agenda.size() == 1)
            others.push_back(i);
    if (others.empty()) {
        bays_[bay].agenda.push_back({at, Intent::take});
        return;
    }
    const unsigned other = others[random_() % others.size()];
    Bay& here = bays_[bay];
    Bay& there = bays_[other];
    const unsigned from_here = *here.board;
    const unsigned from_there = *there.board;
    there.agenda.clear();
    here.agenda.push_back({at, Intent::take});
    there.agenda.push_back({at + at_once, Intent::take});
    here.agenda.push_back({at + 2 * at_once, Intent::put_back, from_there});
    there.agenda.push_back({at + 3 * at_once, Intent::put_back, from_here});
    stay_long(here, at + 2 * at_once);
    stay_long(there, at + 3 * at_once);
}

std::optional<HandMove> OperatorPlan::carry_out(unsigned bay, const Planned& planned) {
    Bay& here = bays_[bay];
    const Milliseconds at = planned.at;
    switch (planned.what) {
        case Intent::put:
            if (const auto board = choose_board()) return put(bay, *board, at);
            // All that are left are in other bays: one of them may come here yet.
            here.agenda.clear();
            here.free = at;
            return std::nullopt;
        case Intent::put_back:
            return put(bay, planned.board.value_or(here.held.value_or(0)), at);
        case Intent::take: {
            const bool to_hand =
                !here.agenda.empty() && here.agenda.front().what == Intent::put_back;
            HandMove move = leave(bay, at, to_hand);
            here.held = move.board;
            return move;
        }
        case Intent::swap: {
            const auto board = choose_board();
            if (!board) return std::nullopt;
            HandMove move = leave(bay, at, false);
            move.what = Hand::swap;
            move.former = std::exchange(move.board, *board);
            here.board = board;
            here.since = at;
            return move;
        }
        case Intent::exchange:
            exchange(bay, at);
            return std::nullopt;
        case Intent::break_cable:
            here.cable_whole = false;
            return HandMove{.at = at, .what = Hand::break_cable, .bay = bay, .board = *here.board};
        case Intent::mend_cable:
            here.cable_whole = true;
            here.since = at;
            return HandMove{.at = at, .what = Hand::mend_cable, .bay = bay, .board = *here.board};
    }
    return std::nullopt;
}

}  // namespace imprint::simulator
