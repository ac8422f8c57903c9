#include "simulator/auto_hands.h"

#include <algorithm>
#include <chrono>

namespace imprint::simulator {

namespace {

class AutoHands {
  public:
    AutoHands(Bench& bench, bool ship) : bench_(bench), ship_(ship) {}

    [[nodiscard]] Result<HandDone> carry_out(const HandMove& move) {
        HandDone done{move, std::to_string(move.bay + 1), {}};
        IMPRINT_CHECK(act(move, done.bay));
        done.board = boards_.at(move.board);
        if (move.former) done.former = boards_.at(*move.former);
        if (ship_ && move.shipped) IMPRINT_CHECK(bench_.ship(done.former.value_or(done.board)));
        return done;
    }

  private:
    [[nodiscard]] Result<void> act(const HandMove& move, const std::string& bay) {
        const auto known = boards_.find(move.board);
        const auto board = known == boards_.end() ? std::nullopt : std::optional(known->second);
        switch (move.what) {
            case Hand::put: {
                IMPRINT_TRY(boards_[move.board], bench_.put(bay, board));
                return {};
            }
            case Hand::swap: {
                IMPRINT_TRY(boards_[move.board], bench_.swap(bay, board));
                return {};
            }
            case Hand::take:
                IMPRINT_CHECK(bench_.take(bay));
                return {};
            case Hand::break_cable:
                return bench_.break_cable(bay);
            case Hand::mend_cable:
                return bench_.mend_cable(bay);
        }
        return {};
    }

    Bench& bench_;
    bool ship_;
    std::map<unsigned, MacAddress> boards_;  // by their numbers in the plan
};

}  // namespace

Result<void> play_operator(Bench& bench, const AutoHandsOptions& options,
                           const std::function<void(const HandDone&)>& tell, Clock& clock,
                           const std::stop_token& stop) {
    OperatorPlan plan(options.plan);
    AutoHands hands(bench, options.ship);
    const Instant began = clock.now();
    while (const auto move = plan.next()) {
        const auto left = std::chrono::ceil<Milliseconds>(began + move->at - clock.now());
        if (left > Milliseconds(0) && !clock.sleep(left, stop)) return {};
        if (stop.stop_requested()) return {};
        IMPRINT_TRY(const HandDone done, hands.carry_out(*move));
        tell(done);
    }
    return {};
}

}  // namespace imprint::simulator
