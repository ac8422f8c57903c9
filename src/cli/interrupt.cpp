#include "cli/interrupt.h"

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
        for (;;) {
            if (::sigwaitinfo(&signals_, nullptr) < 0) continue;
            if (done.stop_requested()) return;
            if (source_.stop_requested()) ::_exit(exit_code(ErrorKind::interrupted));
            source_.request_stop();
        }
    });
}

Interrupt::~Interrupt() {
    watcher_.request_stop();
    // To the watcher alone: it need not look at a clock to see that it is over.
    ::pthread_kill(watcher_.native_handle(), SIGTERM);
}

}  // namespace imprint::cli
