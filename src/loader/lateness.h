// How late things come that should come at once: on a computer that is busy with something else, or
// over a network that is slow. A board that only seems silent must not be told as one.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "loader/timing.h"

namespace imprint::loader {

class Lateness {
  public:
    // A pause of ours that took longer than it was to take.
    void paused(Milliseconds meant, Instant::duration took) {
        constexpr Milliseconds usual_slack{50};
        const auto over = std::chrono::ceil<Milliseconds>(took - meant);
        if (over > usual_slack) allow(timing::sync + 2 * over);
    }

    // An answer to SYNC that was no longer waited for.
    void answered_late() { allow(2 * sync_); }

    // How long to wait for an answer to SYNC. Longer each time that one came too late.
    [[nodiscard]] Milliseconds sync_patience() const { return sync_; }

    [[nodiscard]] bool seen() const { return sync_ > timing::sync; }

    // Who looks at the lines late has to find them as they were set.
    [[nodiscard]] Milliseconds hold(Milliseconds usual) const {
        return seen() && usual.count() > 0 ? std::max(usual, sync_) : usual;
    }

  private:
    void allow(Milliseconds patience) { sync_ = std::clamp(patience, sync_, timing::longest_sync); }

    Milliseconds sync_ = timing::sync;
};

}  // namespace imprint::loader
