// ^C and SIGTERM as a stop token. The first one asks the command to end in good order, the second
// one ends the process at once. While boards are in hand, ^C comes once more before that: the first
// one only asks that no board is begun any more.
#pragma once

#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

#include "base/mutex.h"

namespace imprint::cli {

// Create it before any other thread: SIGINT, SIGTERM and SIGHUP are blocked in all later threads
// and received by a thread of its own.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

    // Whether, from now on, the first ^C (not SIGTERM) lets the boards in hand be finished.
    // on_first is called for it, on the thread of the signals.
    void finish_boards_in_hand(bool yes, std::function<void()> on_first = {});
    // By any signal.
    [[nodiscard]] bool asked_to_end();

  private:
    void take(int signal);

    sigset_t signals_{};
    std::stop_source source_;
    Mutex mutex_;
    bool in_hand_ IMPRINT_GUARDED_BY(mutex_) = false;
    bool asked_ IMPRINT_GUARDED_BY(mutex_) = false;
    std::function<void()> on_first_ IMPRINT_GUARDED_BY(mutex_);
    std::jthread watcher_;
};

}  // namespace imprint::cli
