// Measures how late events are that should happen at once: on a busy computer, or over a slow
// network. A board that only seems silent must not be reported as silent.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "loader/timing.h"

namespace imprint::loader {

class Lateness {
  public:
    // A pause of ours that took longer than intended.
    void paused(Milliseconds meant, Instant::duration took) {
        constexpr Milliseconds usual_slack{50};
        const auto over = std::chrono::ceil<Milliseconds>(took - meant);
        if (over > usual_slack) allow(timing::sync + 2 * over);
    }

    // An answer to SYNC that came after its timeout.
    void answered_late() { allow(2 * sync_); }

    // The timeout for an answer to SYNC. It grows each time that one is late.
    [[nodiscard]] Milliseconds sync_patience() const { return sync_; }

    [[nodiscard]] bool seen() const { return sync_ > timing::sync; }

    // How long to keep DTR and RTS as they are: longer once something was late, for a receiver that
    // samples them late.
    [[nodiscard]] Milliseconds hold(Milliseconds usual) const {
        return seen() && usual.count() > 0 ? std::max(usual, sync_) : usual;
    }

  private:
    void allow(Milliseconds patience) { sync_ = std::clamp(patience, sync_, timing::longest_sync); }

    Milliseconds sync_ = timing::sync;
};

}  // namespace imprint::loader
