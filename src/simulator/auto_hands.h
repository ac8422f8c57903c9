// An operator who is played: the moves of a plan, carried out at a bench when their time has come.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "simulator/bench.h"
#include "simulator/operator_plan.h"

namespace imprint::simulator {

struct HandDone {
    HandMove move;
    std::string bay;
    MacAddress board;                       // that is in it now, or was taken out
    std::optional<MacAddress> former = {};  // swap
};

struct AutoHandsOptions {
    PlanOptions plan;
    bool ship = false;  // boards that are done leave with their flash
};

// Until the plan's end, or a stop: the boards that are in then stay in. Errors: those of Bench;
// somebody else's hands may have been at the bench.
[[nodiscard]] Result<void> play_operator(Bench& bench, const AutoHandsOptions& options,
                                         const std::function<void(const HandDone&)>& tell,
                                         Clock& clock, const std::stop_token& stop);

}  // namespace imprint::simulator
