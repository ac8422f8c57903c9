#include "label/queue.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <utility>

namespace imprint::label {

namespace {

std::string later(const MacAddress& mac) {
    return fmt::format("`imprint label {} --print` prints it later", mac.id());
}

}  // namespace

LabelQueue::LabelQueue(Target target, Draw draw, events::EventSink events, Clock& clock,
                       const QueueOptions& options, const ThreadMaker& make)
    : target_(std::move(target)),
      draw_(std::move(draw)),
      events_(std::move(events)),
      clock_(clock),
      options_(options) {
    auto thread = start_thread(
        "printing labels", [this](const std::stop_token& stop) { work(stop); },
        [this](const Error& bug) { end(bug); }, make);
    if (thread)
        thread_ = std::move(*thread);
    else
        end(thread.error());
}

LabelQueue::~LabelQueue() {
    hurry_.request_stop();
    thread_.request_stop();
}

void LabelQueue::add(const MacAddress& mac, const std::string& bay) {
    const Waiting label{mac, bay};
    bool has_ended = false;
    {
        const Lock lock(mutex_);
        has_ended = has_ended_;
        // The first one may be in the printer already, as the board was before.
        const auto same = [&mac](const Waiting& one) { return one.mac == mac; };
        if (!waiting_.empty() && std::any_of(waiting_.begin() + 1, waiting_.end(), same)) return;
        if (!has_ended && waiting_.size() < options_.bound) {
            waiting_.push_back(label);
            came_.notify_one();
            return;
        }
    }
    refuse(label, has_ended
                      ? "labels are not printed any more"
                      : fmt::format("{} labels wait for the printer already", options_.bound));
}

void LabelQueue::refuse(const Waiting& label, std::string why) {
    tell_trouble(label,
                 make_error(ErrorKind::config, "label_printer", std::move(why), later(label.mac)),
                 true);
}

std::size_t LabelQueue::waiting() const {
    const Lock lock(mutex_);
    return waiting_.size();
}

void LabelQueue::finish(const std::stop_token& stop) {
    {
        const Lock lock(mutex_);
        finishing_ = true;
    }
    hurry_.request_stop();
    came_.notify_all();
    const std::stop_callback give_up(stop, [this] { thread_.request_stop(); });
    if (thread_.joinable()) thread_.join();
}

std::optional<LabelQueue::Waiting> LabelQueue::next(const std::stop_token& stop) {
    UniqueLock lock(mutex_);
    const bool ready = came_.wait(
        lock, stop, [this]() IMPRINT_REQUIRES(mutex_) { return finishing_ || !waiting_.empty(); });
    if (!ready || waiting_.empty()) return std::nullopt;
    return waiting_.front();
}

void LabelQueue::work(const std::stop_token& stop) {
    Milliseconds pause = options_.first_pause;
    while (const auto label = next(stop)) {
        const bool is_last_attempt = is_finishing();
        if (attempt(*label, stop) != Outcome::failed) {
            take_first();
            pause = options_.first_pause;
            continue;
        }
        if (is_last_attempt) break;
        clock_.sleep(pause, hurry_.get_token());
        pause = std::min(pause * 2, options_.longest_pause);
    }
    end(trouble_.value_or(make_error(ErrorKind::interrupted, "interrupted",
                                     "the label is not printed: the run was ended")));
}

LabelQueue::Outcome LabelQueue::attempt(const Waiting& label, const std::stop_token& stop) {
    const auto drawing = draw_(label.mac);
    const auto bytes = drawing ? render(target_.format, std::span(&*drawing, 1))
                               : std::unexpected(drawing.error());
    if (!bytes && bytes.error().is("database_busy")) return failed(label, bytes.error());
    if (!bytes) {
        tell_trouble(label, bytes.error(), true);
        return Outcome::given_up;
    }
    const auto handed = target_.printer->print({.name = label.mac.id(),
                                                .format = target_.format,
                                                .bytes = *bytes,
                                                .width = drawing->width,
                                                .height = drawing->height},
                                               stop);
    if (!handed) return failed(label, handed.error());
    trouble_.reset();
    if (handed->trouble)
        tell_trouble(label, *handed->trouble, true);
    else
        tell(label, events::LabelPrinted{.printer = target_.name, .waiting = waiting() - 1});
    return Outcome::printed;
}

LabelQueue::Outcome LabelQueue::failed(const Waiting& label, const Error& error) {
    if (error.is("interrupted")) return Outcome::failed;
    const bool is_told = trouble_ && trouble_->message == error.message;
    trouble_ = error;
    if (!is_told) tell_trouble(label, error, false);
    return Outcome::failed;
}

bool LabelQueue::is_finishing() const {
    const Lock lock(mutex_);
    return finishing_;
}

void LabelQueue::take_first() {
    const Lock lock(mutex_);
    if (!waiting_.empty()) waiting_.pop_front();
}

void LabelQueue::end(const Error& error) {
    std::deque<Waiting> left;
    {
        const Lock lock(mutex_);
        has_ended_ = true;
        left.swap(waiting_);
    }
    for (const auto& label : left) {
        Error told = error;
        told.hint = later(label.mac);
        tell_trouble(label, told, true);
    }
}

void LabelQueue::tell_trouble(const Waiting& label, const Error& error, bool given_up) {
    tell(label, events::LabelTrouble{.printer = target_.name,
                                     .code = error.code,
                                     .reason = error.reason(),
                                     .hint = error.shown_hint(),
                                     .waiting = waiting(),
                                     .given_up = given_up});
}

void LabelQueue::tell(const Waiting& label, events::Body body) {
    events_({.time = clock_.wall(), .bay = label.bay, .mac = label.mac, .body = std::move(body)});
}

}  // namespace imprint::label
