#include "simulator/operator_plan.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace imprint::simulator {

namespace {

std::vector<HandMove> all_of(const PlanOptions& options, std::size_t most = 100'000) {
    OperatorPlan plan(options);
    std::vector<HandMove> moves;
    while (moves.size() < most) {
        const auto move = plan.next();
        if (!move) break;
        moves.push_back(*move);
    }
    return moves;
}

TEST(OperatorPlan, the_same_seed_is_the_same_plan_and_another_one_is_another) {
    const PlanOptions options{.seed = 7, .bays = 4, .boards = 30};
    PlanOptions other = options;
    other.seed = 8;
    EXPECT_EQ(all_of(options), all_of(options));
    EXPECT_NE(all_of(options), all_of(other));
}

// Played with nothing but the moves: no board is in two bays, none is taken from an empty one, and
// the stays are as they are told.
TEST(OperatorPlan, whatever_the_seed_its_moves_can_be_made) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const PlanOptions options{.seed = seed,
                                  .bays = static_cast<unsigned>(1 + seed % 6),
                                  .boards = static_cast<unsigned>(1 + seed % 25),
                                  .stay = Milliseconds(10'000)};
        std::map<unsigned, unsigned> in;  // bay → board
        std::map<unsigned, Milliseconds> since;
        std::set<unsigned> broken;
        std::set<unsigned> shipped;
        std::set<unsigned> done;
        Milliseconds last{};
        const auto leaves = [&](const HandMove& move, unsigned board) {
            EXPECT_EQ(in.at(move.bay), board);
            EXPECT_EQ(move.stay, move.at - since.at(move.bay));
            EXPECT_EQ(move.long_enough, move.stay >= options.stay && !broken.contains(move.bay));
            if (move.long_enough) done.insert(board);
            if (move.shipped) shipped.insert(board);
            in.erase(move.bay);
        };
        const auto comes = [&](const HandMove& move) {
            for (const auto& [bay, board] : in)
                EXPECT_NE(board, move.board);
            EXPECT_FALSE(shipped.contains(move.board));
            EXPECT_LT(move.board, options.boards);
            EXPECT_TRUE(in.emplace(move.bay, move.board).second);
            since[move.bay] = move.at;
        };
        for (const auto& move : all_of(options)) {
            SCOPED_TRACE(seed);
            EXPECT_LT(move.bay, options.bays);
            EXPECT_LE(last, move.at);
            last = move.at;
            switch (move.what) {
                case Hand::put:
                    comes(move);
                    break;
                case Hand::take:
                    leaves(move, move.board);
                    break;
                case Hand::swap:
                    leaves(move, move.former.value());
                    comes(move);
                    break;
                case Hand::break_cable:
                    EXPECT_EQ(in.at(move.bay), move.board);
                    EXPECT_TRUE(broken.insert(move.bay).second);
                    break;
                case Hand::mend_cable:
                    EXPECT_EQ(broken.erase(move.bay), 1U);
                    since[move.bay] = move.at;
                    break;
            }
        }
        EXPECT_TRUE(in.empty()) << seed;
        EXPECT_EQ(done.size(), options.boards) << seed;
    }
}

TEST(OperatorPlan, most_boards_are_left_alone_and_everything_happens_to_some) {
    const auto moves = all_of({.seed = 1, .bays = 8, .boards = 500});
    std::map<Hand, unsigned> counts;
    std::map<unsigned, unsigned> visits;
    unsigned ended = 0;
    unsigned long_enough = 0;
    unsigned crossed = 0;
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const auto& move = moves[i];
        ++counts[move.what];
        if (move.what == Hand::put) ++visits[move.board];
        if (move.what == Hand::take || move.what == Hand::swap) {
            ++ended;
            long_enough += move.long_enough ? 1 : 0;
        }
        // A board that is in another bay at once.
        for (std::size_t j = i + 1; j < moves.size() && moves[j].at - move.at < Milliseconds(400);
             ++j)
            crossed += move.what == Hand::take && moves[j].what == Hand::put &&
                               moves[j].board == move.board && moves[j].bay != move.bay
                           ? 1
                           : 0;
    }
    EXPECT_GT(long_enough * 10, ended * 6);
    EXPECT_LT(long_enough, ended);
    for (const auto what : {Hand::put, Hand::take, Hand::swap, Hand::break_cable, Hand::mend_cable})
        EXPECT_GT(counts[what], 10U);
    EXPECT_EQ(visits.size() + counts[Hand::swap] >= 500U, true);
    EXPECT_GT(crossed, 10U);
    EXPECT_TRUE(std::ranges::any_of(visits, [](const auto& one) { return one.second > 1; }));
}

TEST(OperatorPlan, without_a_number_of_boards_it_has_no_end) {
    EXPECT_EQ(all_of({.seed = 3, .bays = 2}, 20'000).size(), 20'000U);
}

}  // namespace

}  // namespace imprint::simulator
