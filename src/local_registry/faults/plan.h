// The errors that the local registry makes on purpose, to test how a client copes with them. None
// of them happens unless `imprint registry serve` is told to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::local_registry {

enum class Fault : std::uint8_t {
    throttle,  // refused for its rate, not executed
    error,     // 500, not executed
    lost,      // executed; the connection ends without a reply
    cut,       // executed; the connection ends inside the reply
    delay,     // executed, and answered later
    lag,       // answered; a write takes effect later (late_writes.h)
};

struct FaultRule {
    std::string operation;  // as the service model names it; "*": any
    Fault fault = Fault::error;
    // Which calls of the operation; exactly one of the three is set.
    unsigned first = 0;         // the first N calls
    unsigned every = 0;         // every Nth call
    double chance = 0;          // each call with this probability
    Milliseconds time{0};       // for delay and lag: random for each call,
    Milliseconds most_time{0};  // from time to most_time
};

struct FaultPlan {
    double quota = 0;  // calls per second for each operation, a bucket of one second; 0: none
    Milliseconds latency{0};  // of every answer
    Milliseconds stale{0};    // reads may lag behind by this much: eventual consistency
    std::uint64_t seed = 1;   // of the random choices
    std::vector<FaultRule> rules;

    // Whether writes may take effect later.
    [[nodiscard]] bool lags() const {
        return std::ranges::any_of(rules,
                                   [](const FaultRule& rule) { return rule.fault == Fault::lag; });
    }

    [[nodiscard]] bool empty() const {
        return quota == 0 && latency.count() == 0 && stale.count() == 0 && rules.empty();
    }
};

// TOML: quota, latency, stale, seed, and [[fault]] with operation, what, first | every | chance,
// ms = N or [N, M]. Error: fault_plan (config), with the line.
[[nodiscard]] Result<FaultPlan> parse_fault_plan(std::string_view text, const std::string& name);
[[nodiscard]] Result<FaultPlan> read_fault_plan(const std::filesystem::path& path);

}  // namespace imprint::local_registry
