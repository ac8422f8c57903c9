// When a call is retried, and after how long (AWS SDKs and Tools Reference Guide, "Retry behavior":
// the standard mode's errors, full jitter, at most 20 s between attempts).
#pragma once

#include <optional>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"

namespace imprint::aws {

enum class Trouble {
    none,        // final: the service refused
    unsent,      // certainly not executed: may always be retried
    maybe_done,  // the reply was lost, or the service failed internally
    throttled,   // refused for its rate: not executed
};

// By HTTP status (0: no answer) and error name.
[[nodiscard]] Trouble trouble_of(int status, const std::string& code);

class Backoff {
  public:
    static constexpr Milliseconds longest{20'000};

    explicit Backoff(std::uint64_t seed);
    // attempt counts from 1. The service's Retry-After is the minimum.
    [[nodiscard]] Milliseconds wait(unsigned attempt, std::optional<Milliseconds> asked);

  private:
    Mutex mutex_;
    std::mt19937_64 random_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace imprint::aws
