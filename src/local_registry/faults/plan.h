// What the local registry is to do wrong, for whoever wants to see that a client stands it. Nothing
// of it happens unless `imprint registry serve` is told to.
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
    throttle,  // refused for its rate, not carried out
    error,     // 500, not carried out
    lost,      // carried out; the connection ends without a reply
    cut,       // carried out; the connection ends inside the reply
    delay,     // carried out, and answered later
    lag,       // answered; a write's effect comes later (late_writes.h)
};

struct FaultRule {
    std::string operation;  // as the service model names it; "*": any
    Fault fault = Fault::error;
    // Which calls of the operation; one of the three is set.
    unsigned first = 0;         // the first so many
    unsigned every = 0;         // each so-manieth
    double chance = 0;          // with this probability
    Milliseconds time{0};       // of delay and lag: drawn anew for each call,
    Milliseconds most_time{0};  // from time to most_time
};

struct FaultPlan {
    double quota = 0;         // calls a second for each operation, a bucket of one second; 0: none
    Milliseconds latency{0};  // of every answer
    Milliseconds stale{0};    // reads may be behind by so much: eventual consistency
    std::uint64_t seed = 1;   // of the chances
    std::vector<FaultRule> rules;

    // Writes may have their effect later.
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
