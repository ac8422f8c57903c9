// ^C and SIGTERM as a stop token: the first one asks the command to end in good order, the second
// one ends the process at once.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

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

  private:
    std::stop_source source_;
    sigset_t signals_{};
    std::jthread watcher_;
};

}  // namespace imprint::cli
