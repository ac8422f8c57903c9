// Keeps what is told of a bench's lot as the ledger has it, on a thread of its own: reading a large
// lot, or a ledger that is busy, holds up nothing else.
#pragma once

#include <condition_variable>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "report/told.h"

namespace imprint::report {

// Called from the watch's thread.
struct LotNews {
    std::function<void(const std::optional<ToldLot>&)> lot;  // nothing: none is chosen
    std::function<void(const std::string&)> trouble;         // with the ledger; empty: none
};

class LotWatch {
  public:
    // between: how often it looks without being told: another station may write into the same
    // ledger, and somebody may pause a lot at a terminal.
    LotWatch(ledger::OpenReports open, LotNews news,
             Milliseconds between = std::chrono::seconds(5));
    LotWatch(const LotWatch&) = delete;
    LotWatch& operator=(const LotWatch&) = delete;
    LotWatch(LotWatch&&) = delete;
    LotWatch& operator=(LotWatch&&) = delete;
    ~LotWatch();

    // Error: thread_not_started.
    [[nodiscard]] Result<void> start(const ThreadMaker& make = make_thread);
    // Of the bench: which lot it has. Looks soon, if the event says that a lot may have changed.
    void take(const events::Event& event);
    void look_soon();
    // Looks now, on the caller's thread.
    void look();

  private:
    void work(const std::stop_token& stop);

    const ledger::OpenReports open_;
    const LotNews news_;
    const Milliseconds between_;
    Mutex mutex_;
    std::condition_variable_any told_;
    bool is_due_ IMPRINT_GUARDED_BY(mutex_) = true;
    std::string lot_ IMPRINT_GUARDED_BY(mutex_);  // boards are begun in it; empty: in none
    std::jthread thread_;
};

}  // namespace imprint::report
