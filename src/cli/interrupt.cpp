#include "cli/interrupt.h"

#include <unistd.h>
#include <utility>

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
            const int signal = ::sigwaitinfo(&signals_, nullptr);
            if (signal < 0) continue;
            if (done.stop_requested()) return;
            take(signal);
        }
    });
}

Interrupt::~Interrupt() {
    watcher_.request_stop();
    // To the watcher alone: it need not look at a clock to see that it is over.
    ::pthread_kill(watcher_.native_handle(), SIGTERM);
}

void Interrupt::finish_boards_in_hand(bool yes, std::function<void()> on_first) {
    const Lock lock(mutex_);
    in_hand_ = yes;
    on_first_ = std::move(on_first);
}

bool Interrupt::asked_to_end() {
    const Lock lock(mutex_);
    return asked_;
}

void Interrupt::take(int signal) {
    if (source_.stop_requested()) ::_exit(exit_code(ErrorKind::interrupted));
    std::function<void()> on_first;
    {
        const Lock lock(mutex_);
        if (in_hand_ && !asked_ && signal == SIGINT) on_first = on_first_;
        asked_ = true;
    }
    if (on_first)
        on_first();
    else
        source_.request_stop();
}

}  // namespace imprint::cli
