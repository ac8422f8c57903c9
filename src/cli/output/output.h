// What a command says, on its way to a reporter. The reporter is a reader of the bus with a thread
// of its own: a terminal that stands still, or a pipe that nobody reads, holds up no bay. Only
// whoever makes results in thousands waits for whoever reads them (result, raw).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "cli/output/reporter.h"
#include "events/bus.h"

namespace imprint::cli::output {

// Everything but the constructor and finish() may be called from any thread. What comes from one
// thread is shown in its order.
class Output {
  public:
    // bus and clock outlive it. On a machine that gives no thread, whoever tells something waits
    // until it is shown.
    Output(std::unique_ptr<Reporter> reporter, events::EventBus& bus, Clock& clock, bool verbose,
           const ThreadMaker& make = make_thread);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();  // as finish()

    [[nodiscard]] events::EventSink sink();
    void event(events::Event event);
    // For a program the event, for a person the text: whole lines. Waits while a thousand results
    // are not shown yet.
    void result(events::Body body, std::string_view text);
    // Behind all that was told before. Waits until it is written.
    void raw(std::string_view bytes);
    void error(const Error& error);
    // Shown with --verbose; warnings always.
    void log(LogLevel level, std::string_view line);

    // Closes the bus, and returns once all is shown that was published. Error: an exception of the
    // reporter's (bug), after which nothing more was shown.
    [[nodiscard]] Result<void> finish();

  private:
    void publish(events::Event event);
    void show_waiting();
    void show(const events::Delivery& delivery) IMPRINT_REQUIRES(writing_);
    void give_up(const Error& bug);
    [[nodiscard]] bool is_finished();

    Mutex writing_;  // held while the reporter writes, however long that takes
    const std::unique_ptr<Reporter> reporter_ IMPRINT_PT_GUARDED_BY(writing_);
    events::EventBus& bus_;
    Clock& clock_;
    const bool verbose_;
    std::optional<events::EventReader> reader_;  // none: the reporter has failed

    Mutex mutex_;  // held for moments
    std::condition_variable_any moved_;
    std::uint64_t shown_ IMPRINT_GUARDED_BY(mutex_) = 0;   // number of the last event
    std::size_t results_ IMPRINT_GUARDED_BY(mutex_) = 0;   // that were told and are not shown yet
    std::optional<Error> bug_ IMPRINT_GUARDED_BY(mutex_);  // of the reporter
    bool is_finished_ IMPRINT_GUARDED_BY(mutex_) = false;

    bool has_thread_ = false;
    std::jthread thread_;
};

}  // namespace imprint::cli::output
