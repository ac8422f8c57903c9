#include "cli/output/output.h"

#include <utility>

namespace imprint::cli::output {

namespace {

constexpr std::size_t most_results = 1000;
constexpr Milliseconds until_settled{100};

constexpr events::ReaderOptions how_to_read{.bound = 8192, .overflow = events::Overflow::keep};

}  // namespace

Output::Output(std::unique_ptr<Reporter> reporter, events::EventBus& bus, Clock& clock,
               bool verbose, const ThreadMaker& make)
    : reporter_(std::move(reporter)),
      bus_(bus),
      clock_(clock),
      verbose_(verbose),
      reader_(bus.read(how_to_read)) {
    auto thread = start_thread(
        "showing what happens",
        [this](const std::stop_token&) {
            for (bool is_drawing = false; !reader_->is_over();) {
                const auto delivery =
                    is_drawing ? reader_->next_within(until_settled) : reader_->next();
                const Lock lock(writing_);
                if (delivery)
                    show(*delivery);
                else
                    reporter_->settle();
                is_drawing = reporter_->is_drawing();
            }
        },
        [this](const Error& bug) { give_up(bug); }, make);
    has_thread_ = thread.has_value();
    if (thread) thread_ = std::move(*thread);
}

Output::~Output() {
    static_cast<void>(run_guarded("showing what happened", [this] { return finish(); }));
}

events::EventSink Output::sink() {
    return [this](events::Event one) { event(std::move(one)); };
}

void Output::event(events::Event event) {
    // With a text it is a result, whoever made it: each is counted as it is shown.
    if (event.text) return result(std::move(event));
    publish(std::move(event));
}

void Output::result(events::Body body, std::string_view text) {
    result({clock_.wall(), {}, {}, std::move(body), std::string(text)});
}

void Output::result(events::Event event) {
    {
        UniqueLock lock(mutex_);
        moved_.wait(lock,
                    [this]() IMPRINT_REQUIRES(mutex_) { return results_ < most_results || bug_; });
        ++results_;
    }
    publish(std::move(event));
}

void Output::typed(std::string_view line) {
    const Lock lock(writing_);
    reporter_->typed(line);
}

void Output::raw(std::string_view bytes) {
    {
        const std::uint64_t before = bus_.last();
        UniqueLock lock(mutex_);
        moved_.wait(lock, [&]() IMPRINT_REQUIRES(mutex_) { return shown_ >= before || bug_; });
        if (bug_) return;
    }
    const Lock lock(writing_);
    reporter_->raw(bytes);
}

void Output::error(const Error& error) {
    publish({clock_.wall(),
             {},
             {},
             events::CommandFailed{.kind = error.kind,
                                   .code = error.code,
                                   .reason = error.reason(),
                                   .hint = error.shown_hint()}});
}

void Output::log(LogLevel level, std::string_view line) {
    if (!verbose_ && level < LogLevel::warning) return;
    publish({clock_.wall(), {}, {}, events::LogLine{.level = level, .line = std::string(line)}});
}

Result<void> Output::finish() {
    {
        const Lock lock(mutex_);
        if (is_finished_) return {};
        is_finished_ = true;
    }
    bus_.close();
    if (thread_.joinable()) thread_.join();
    show_waiting();
    {
        const Lock lock(mutex_);
        if (bug_) return std::unexpected(*bug_);
    }
    const Lock lock(writing_);
    reporter_->finish();
    return {};
}

void Output::publish(events::Event event) {
    if (is_finished()) {
        // What is to be said of the end itself.
        const Lock lock(writing_);
        reporter_->event(event);
        return;
    }
    bus_.publish(std::move(event));
    if (!has_thread_) show_waiting();
}

bool Output::is_finished() {
    const Lock lock(mutex_);
    return is_finished_;
}

void Output::show_waiting() {
    const Lock lock(writing_);
    while (reader_) {
        const auto delivery = reader_->try_next();
        if (!delivery) return reporter_->settle();
        show(*delivery);
    }
}

void Output::show(const events::Delivery& delivery) {
    if (delivery.missed > 0) reporter_->missed(delivery.missed);
    reporter_->event(*delivery.event);
    {
        const Lock lock(mutex_);
        shown_ = delivery.number;
        if (delivery.event->text) --results_;
    }
    moved_.notify_all();
}

void Output::give_up(const Error& bug) {
    reader_.reset();
    {
        const Lock lock(mutex_);
        bug_ = bug;
    }
    moved_.notify_all();
}

}  // namespace imprint::cli::output
