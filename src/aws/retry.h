// When a call is tried again, and after how long (AWS SDKs and Tools Reference Guide, "Retry
// behavior": the standard mode's errors, full jitter, at most 20 s between attempts).
#pragma once

#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::aws {

enum class Trouble {
    none,        // final: the service said no
    unsent,      // certainly not carried out: may always be tried again
    maybe_done,  // the reply is lost, or the service failed inside
    throttled,   // refused for its rate: not carried out
};

// By HTTP status (0: none came) and error name.
[[nodiscard]] Trouble trouble_of(int status, const std::string& code);

class Backoff {
  public:
    static constexpr Milliseconds longest{20'000};

    explicit Backoff(std::uint64_t seed);
    // attempt counts from 1. What the service asks for in Retry-After is the least.
    [[nodiscard]] Milliseconds wait(unsigned attempt, std::optional<Milliseconds> asked);

  private:
    std::mutex mutex_;
    std::mt19937_64 random_;
};

}  // namespace imprint::aws
