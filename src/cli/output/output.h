// Passes a command's output to a reporter. The reporter reads the bus on its own thread: a terminal
// that is stopped, or a pipe that nobody reads, holds up no bay. Only code that produces thousands
// of results waits for the reader (result, raw).
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

// Everything except the constructor and finish() may be called from any thread. Output of one
// thread is shown in its order.
class Output {
  public:
    // bus and clock outlive it. If no thread can be started, every call waits until its output is
    // shown.
    Output(std::unique_ptr<Reporter> reporter, events::EventBus& bus, Clock& clock, bool verbose,
           const ThreadMaker& make = make_thread);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();  // like finish()

    [[nodiscard]] events::EventSink sink();
    void event(events::Event event);
    // The event is for a program, the text (whole lines) for a person. Waits while a thousand
    // results are not shown yet.
    void result(events::Body body, std::string_view text);
    // A line that somebody has typed at the terminal, which has echoed it.
    void typed(std::string_view line);
    // After all earlier output. Waits until it is written.
    void raw(std::string_view bytes);
    void error(const Error& error);
    // Only shown with --verbose, except warnings.
    void log(LogLevel level, std::string_view line);

    // Closes the bus, and returns once everything published is shown. Error: an exception of the
    // reporter (bug), after which nothing more was shown.
    [[nodiscard]] Result<void> finish();

  private:
    void result(events::Event event);
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

    Mutex mutex_;  // only held briefly
    std::condition_variable_any moved_;
    std::uint64_t shown_ IMPRINT_GUARDED_BY(mutex_) = 0;   // number of the last event
    std::size_t results_ IMPRINT_GUARDED_BY(mutex_) = 0;   // results not shown yet
    std::optional<Error> bug_ IMPRINT_GUARDED_BY(mutex_);  // of the reporter
    bool is_finished_ IMPRINT_GUARDED_BY(mutex_) = false;

    bool has_thread_ = false;
    std::jthread thread_;
};

}  // namespace imprint::cli::output
