// How long to keep polling for the effect of an earlier call: a registry answers before all effects
// of a call are visible (AWS IoT API Reference, DetachThingPrincipal: "asynchronous").
#pragma once

#include <stop_token>

#include "base/clock.h"

namespace imprint::registry {

// For one wait.
class Patience {
  public:
    Patience(Clock& clock, Milliseconds deadline, std::stop_token stop = {})
        : clock_(clock), deadline_(clock.now() + deadline), stop_(std::move(stop)) {}

    // Waits, longer each time. False: the time is over, or a stop was requested.
    [[nodiscard]] bool pause();

  private:
    static constexpr Milliseconds longest{1000};

    Clock& clock_;
    Instant deadline_;
    std::stop_token stop_;
    Milliseconds next_{50};
};

}  // namespace imprint::registry
