// One at a time, with a short queue: comparing a password takes 64 MiB, and a worker of the server
// for as long. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>

#include "base/mutex.h"

namespace imprint::logins {

class Turns {
  public:
    explicit Turns(std::size_t most_waiting) : most_waiting_(most_waiting) {}

    // False: too many wait already. Otherwise returns once it is the caller's turn, who has to call
    // leave().
    [[nodiscard]] bool enter();
    void leave();

    [[nodiscard]] std::size_t waiting() const;

  private:
    const std::size_t most_waiting_;
    mutable Mutex mutex_;
    std::condition_variable_any next_;
    bool taken_ IMPRINT_GUARDED_BY(mutex_) = false;
    std::size_t waiting_ IMPRINT_GUARDED_BY(mutex_) = 0;
};

// The turn of whoever made it, until it is destroyed; or none.
class Turn {
  public:
    explicit Turn(Turns& turns) : turns_(turns), is_mine_(turns.enter()) {}

    ~Turn() {
        if (is_mine_) turns_.leave();
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Turn(Turn&&) = delete;
    Turn& operator=(Turn&&) = delete;

    explicit operator bool() const { return is_mine_; }

  private:
    Turns& turns_;
    bool is_mine_;
};

}  // namespace imprint::logins
