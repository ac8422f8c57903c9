// How long to go on asking for what an earlier call has brought about: a registry answers before
// all of its effects are seen (AWS IoT API Reference, DetachThingPrincipal: "asynchronous").
#pragma once

#include <stop_token>

#include "base/clock.h"

namespace imprint::registry {

// For one wait.
class Patience {
  public:
    Patience(Clock& clock, Milliseconds deadline, std::stop_token stop = {})
        : clock_(clock), deadline_(clock.now() + deadline), stop_(std::move(stop)) {}

    // Waits, longer each time. False: enough was waited, or a stop was asked for.
    [[nodiscard]] bool pause();

  private:
    static constexpr Milliseconds longest{1000};

    Clock& clock_;
    Instant deadline_;
    std::stop_token stop_;
    Milliseconds next_{50};
};

}  // namespace imprint::registry
