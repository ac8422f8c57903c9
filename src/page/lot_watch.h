// Keeps what the feed says of the chosen lot as the ledger has it, on a thread of its own: reading
// a large lot, or a ledger that is busy, holds up nothing else.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "page/feed.h"

namespace imprint::page {

using OpenReports = std::function<Result<std::unique_ptr<ledger::Reports>>()>;

class LotWatch {
  public:
    // feed outlives it. between: how often it looks without being told: another station may write
    // into the same ledger, and somebody may pause a lot at a terminal.
    LotWatch(Feed& feed, OpenReports open, Milliseconds between = std::chrono::seconds(5));
    LotWatch(const LotWatch&) = delete;
    LotWatch& operator=(const LotWatch&) = delete;
    LotWatch(LotWatch&&) = delete;
    LotWatch& operator=(LotWatch&&) = delete;
    ~LotWatch();

    // Error: thread_not_started.
    [[nodiscard]] Result<void> start(const ThreadMaker& make = make_thread);
    // Looks soon, if the event says that a lot may have changed.
    void take(const events::Event& event);
    void look_soon();
    // Looks now, on the caller's thread.
    void look();

  private:
    void work(const std::stop_token& stop);

    Feed& feed_;
    const OpenReports open_;
    const Milliseconds between_;
    Mutex mutex_;
    std::condition_variable_any told_;
    bool is_due_ IMPRINT_GUARDED_BY(mutex_) = true;
    std::jthread thread_;
};

}  // namespace imprint::page
