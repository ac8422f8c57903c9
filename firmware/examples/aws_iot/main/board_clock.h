// This board's time: of the network, or not before a lower bound (imprint_identity/wall_clock.h).
#pragma once

#include <atomic>
#include <cstdint>

#include "imprint_identity/wall_clock.h"

class BoardClock {
  public:
    // Sets the clock to the lower bound, if it stands before that. NVS is there.
    BoardClock();
    BoardClock(const BoardClock&) = delete;
    BoardClock& operator=(const BoardClock&) = delete;

    // Once there is a network.
    void ask_the_network();
    // Takes what the network has told since then.
    void look();
    // The broker's certificate was valid just now, by the network's time.
    void proven();

    [[nodiscard]] std::int64_t now() const;

    [[nodiscard]] bool is_known() const { return is_known_; }

  private:
    imprint_identity::TimeBound bound_;
    bool is_asked_ = false;
    std::atomic<bool> is_known_{false};  // esp-mqtt's task asks, too
};
