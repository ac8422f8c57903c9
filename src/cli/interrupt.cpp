#include "cli/interrupt.h"

#include <ctime>
#include <unistd.h>

#include "base/error.h"

namespace imprint::cli {

Interrupt::Interrupt() {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals_, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    // A reader of our output that goes away must not end a run in the middle of a board.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    watcher_ = std::jthread([this](const std::stop_token& done) {
        while (!done.stop_requested()) {
            const timespec patience{0, 100'000'000};
            if (::sigtimedwait(&signals_, nullptr, &patience) < 0) continue;
            if (source_.stop_requested()) ::_exit(exit_code(ErrorKind::interrupted));
            source_.request_stop();
        }
    });
}

Interrupt::~Interrupt() = default;

}  // namespace imprint::cli
