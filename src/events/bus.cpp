#include "events/bus.h"

#include <algorithm>
#include <condition_variable>
#include <set>
#include <string_view>
#include <utility>

namespace imprint::events {

// What waits for one reader. Its lock is held for moments only, by the reader as well.
class EventReader::Queue {
  public:
    using Entry = EventBus::Entry;

    explicit Queue(const ReaderOptions& options)
        : bound_(std::max<std::size_t>(options.bound, 1)),
          overflow_(options.overflow),
          limit_(bound_) {}

    void push(const Entry& entry) {
        {
            const Lock lock(mutex_);
            if (abandoned_) return;
            entries_.push_back(entry);
            if (entries_.size() > limit_) make_room();
        }
        came_.notify_one();
    }

    void miss(std::uint64_t count) {
        const Lock lock(mutex_);
        missed_ += count;
    }

    std::optional<Delivery> next(const std::stop_token& stop) {
        UniqueLock lock(mutex_);
        const bool ready = came_.wait(
            lock, stop, [this]() IMPRINT_REQUIRES(mutex_) { return closed_ || !entries_.empty(); });
        return ready ? take() : std::nullopt;
    }

    std::optional<Delivery> next_within(Milliseconds patience) {
        UniqueLock lock(mutex_);
        const bool ready = came_.wait_for(lock, patience, [this]() IMPRINT_REQUIRES(mutex_) {
            return closed_ || !entries_.empty();
        });
        return ready ? take() : std::nullopt;
    }

    std::optional<Delivery> try_next() {
        const Lock lock(mutex_);
        return take();
    }

    [[nodiscard]] bool is_over() const {
        const Lock lock(mutex_);
        return closed_ && entries_.empty();
    }

    [[nodiscard]] std::size_t waiting() const {
        const Lock lock(mutex_);
        return entries_.size();
    }

    void close() {
        {
            const Lock lock(mutex_);
            closed_ = true;
        }
        came_.notify_all();
    }

    // Nobody reads it any more.
    void abandon() {
        const Lock lock(mutex_);
        abandoned_ = true;
        entries_.clear();
    }

    [[nodiscard]] bool is_abandoned() const {
        const Lock lock(mutex_);
        return abandoned_;
    }

  private:
    std::optional<Delivery> take() IMPRINT_REQUIRES(mutex_) {
        if (entries_.empty()) return std::nullopt;
        Entry entry = std::move(entries_.front());
        entries_.pop_front();
        if (entries_.size() <= bound_) limit_ = bound_;
        return Delivery{entry.number, std::move(entry.event), std::exchange(missed_, 0)};
    }

    // The newest one stays whatever it is, so that a reader that waits for a number sees it pass.
    void make_room() IMPRINT_REQUIRES(mutex_) {
        forget_superseded();
        const std::size_t room = bound_ - bound_ / 4;
        if (overflow_ == Overflow::keep) {
            if (entries_.size() > room) forget_log();
            // Not to be looked through again at each event.
            limit_ = std::max(bound_, 2 * entries_.size());
            return;
        }
        while (entries_.size() > room) {
            entries_.pop_front();
            ++missed_;
        }
    }

    void forget_superseded() IMPRINT_REQUIRES(mutex_) {
        std::set<std::pair<std::string_view, Step>> later;
        std::deque<Entry> kept;
        for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
            const auto* progress = as<BoardProgress>(*entry->event);
            if (progress == nullptr || later.emplace(entry->event->bay, progress->step).second)
                kept.push_front(*entry);
        }
        entries_ = std::move(kept);
    }

    void forget_log() IMPRINT_REQUIRES(mutex_) {
        const Entry newest = std::move(entries_.back());
        entries_.pop_back();
        missed_ += std::erase_if(
            entries_, [](const Entry& entry) { return as<LogLine>(*entry.event) != nullptr; });
        entries_.push_back(newest);
    }

    const std::size_t bound_;
    const Overflow overflow_;
    mutable Mutex mutex_;
    std::condition_variable_any came_;
    std::deque<Entry> entries_ IMPRINT_GUARDED_BY(mutex_);
    std::size_t limit_ IMPRINT_GUARDED_BY(mutex_);  // entries before room is to be made
    std::uint64_t missed_ IMPRINT_GUARDED_BY(mutex_) = 0;
    bool closed_ IMPRINT_GUARDED_BY(mutex_) = false;
    bool abandoned_ IMPRINT_GUARDED_BY(mutex_) = false;
};

EventReader::EventReader(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}

EventReader::EventReader(EventReader&&) noexcept = default;

EventReader::~EventReader() {
    if (queue_) queue_->abandon();
}

std::optional<Delivery> EventReader::next(const std::stop_token& stop) {
    return queue_->next(stop);
}

std::optional<Delivery> EventReader::next_within(Milliseconds patience) {
    return queue_->next_within(patience);
}

std::optional<Delivery> EventReader::try_next() {
    return queue_->try_next();
}

bool EventReader::is_over() const {
    return queue_->is_over();
}

std::size_t EventReader::waiting() const {
    return queue_->waiting();
}

EventBus::EventBus(std::size_t ring) : ring_size_(ring) {}

EventBus::~EventBus() {
    close();
}

std::uint64_t EventBus::publish(Event event) {
    auto shared = std::make_shared<const Event>(std::move(event));
    const Lock lock(mutex_);
    if (closed_) return 0;
    const Entry entry{++last_, std::move(shared)};
    ring_.push_back(entry);
    if (ring_.size() > ring_size_) ring_.pop_front();
    std::erase_if(queues_, [](const auto& queue) { return queue->is_abandoned(); });
    for (const auto& queue : queues_)
        queue->push(entry);
    return entry.number;
}

EventReader EventBus::read(const ReaderOptions& options) {
    auto queue = std::make_shared<EventReader::Queue>(options);
    const Lock lock(mutex_);
    if (options.since) {
        const std::uint64_t seen = *options.since <= last_ ? *options.since : 0;
        const std::uint64_t before_ring = last_ - ring_.size();
        if (before_ring > seen) queue->miss(before_ring - seen);
        for (const Entry& entry : ring_)
            if (entry.number > seen) queue->push(entry);
    }
    if (closed_)
        queue->close();
    else
        queues_.push_back(queue);
    return EventReader(std::move(queue));
}

std::uint64_t EventBus::last() const {
    const Lock lock(mutex_);
    return last_;
}

void EventBus::close() {
    const Lock lock(mutex_);
    closed_ = true;
    for (const auto& queue : queues_)
        queue->close();
}

}  // namespace imprint::events
