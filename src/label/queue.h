// Labels that wait for their printer. Adding one never waits, and nothing of the printer's trouble
// reaches a board: it is told as label_trouble, and the label is tried again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "events/event.h"
#include "label/layout.h"
#include "label/printer.h"

namespace imprint::label {

struct QueueOptions {
    std::size_t bound = 1000;  // labels that wait; one more is told, and not printed
    Milliseconds first_pause{1'000};
    Milliseconds longest_pause{30'000};  // between attempts; it doubles up to that
};

// Called from any thread, and on a thread of its own for the printer.
class LabelQueue {
  public:
    // The label of a board that has passed, as the ledger knows it: asked for when it is printed.
    // An error of it is told, and its label is not tried again, unless it is database_busy.
    using Draw = std::function<Result<Drawing>(const MacAddress&)>;

    struct Target {
        std::string name;  // as in label.printer
        std::unique_ptr<Printer> printer;
        Format format = Format::pdf;
    };

    // clock outlives it.
    LabelQueue(Target target, Draw draw, events::EventSink events, Clock& clock,
               const QueueOptions& options = {}, const ThreadMaker& make = make_thread);
    ~LabelQueue();  // what waits is not printed
    LabelQueue(const LabelQueue&) = delete;
    LabelQueue& operator=(const LabelQueue&) = delete;

    void add(const MacAddress& mac, const std::string& bay);
    [[nodiscard]] std::size_t waiting() const;
    // Prints what waits, until the printer fails once more; then all that still waits is told as
    // given up. A stop ends it at once.
    void finish(const std::stop_token& stop = {});

  private:
    struct Waiting {
        MacAddress mac;
        std::string bay;
    };

    enum class Outcome { printed, given_up, failed };

    void work(const std::stop_token& stop);
    // None: it is to end.
    [[nodiscard]] std::optional<Waiting> next(const std::stop_token& stop);
    [[nodiscard]] Outcome attempt(const Waiting& label, const std::stop_token& stop);
    [[nodiscard]] Outcome failed(const Waiting& label, const Error& error);
    [[nodiscard]] bool is_finishing() const;
    void take_first();
    void end(const Error& error);
    void refuse(const Waiting& label, std::string why);
    void tell_trouble(const Waiting& label, const Error& error, bool given_up);
    void tell(const Waiting& label, events::Body body);

    const Target target_;
    const Draw draw_;
    const events::EventSink events_;
    Clock& clock_;
    const QueueOptions options_;

    mutable Mutex mutex_;
    std::condition_variable_any came_;
    std::deque<Waiting> waiting_ IMPRINT_GUARDED_BY(mutex_);
    bool finishing_ IMPRINT_GUARDED_BY(mutex_) = false;
    bool has_ended_ IMPRINT_GUARDED_BY(mutex_) = false;  // nobody prints any more
    std::stop_source hurry_;                             // ends the pause between two attempts

    // Of the printer's thread alone.
    std::optional<Error> trouble_;  // told last, and not over yet

    std::jthread thread_;
};

}  // namespace imprint::label
