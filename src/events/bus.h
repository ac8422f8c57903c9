// Between those who publish events and those who read them. Publishing never waits: each reader has
// its own queue and thread, and a slow or stuck one holds up nobody.
//
// Events are numbered from 1, in the order in which all readers get them. The last ones are kept in
// a ring: a reader that reconnects gives the last number it had, and continues after it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/mutex.h"
#include "events/event.h"

namespace imprint::events {

struct Delivery {
    std::uint64_t number = 0;
    std::shared_ptr<const Event> event;
    std::uint64_t missed = 0;  // events this reader has lost since its last delivery
};

// What happens when a queue is full. Progress events go first in any case, if a later one of the
// same bay and step is queued behind them: nobody misses those.
enum class Overflow : std::uint8_t {
    miss_oldest,  // then the oldest quarter: the reader learns how many it missed
    // Then log lines, which are counted as missed. All other events are kept without a bound, as a
    // reporter needs it: the outcome of a board is never lost. A run makes a few dozen per board.
    keep,
};

struct ReaderOptions {
    std::size_t bound = 1024;  // events that may wait before any is dropped
    Overflow overflow = Overflow::miss_oldest;
    // The last number that this reader has seen: it gets the events after it, as far back as the
    // ring reaches; 0: everything in the ring. A number that was not reached yet is from another
    // run and counts as 0. Nothing: only new events.
    std::optional<std::uint64_t> since = {};
};

// The reading end of the bus; used by one thread at a time.
class EventReader {
  public:
    EventReader(EventReader&&) noexcept;
    EventReader& operator=(EventReader&&) = delete;
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;
    ~EventReader();

    // Waits for one. Nothing: the bus is closed and the queue is empty, or a stop was requested.
    [[nodiscard]] std::optional<Delivery> next(const std::stop_token& stop = {});
    // Nothing: none came in time, or none will come (is_over).
    [[nodiscard]] std::optional<Delivery> next_within(Milliseconds patience);
    // Nothing: none is waiting.
    [[nodiscard]] std::optional<Delivery> try_next();
    // The bus is closed, and the queue is empty.
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] std::size_t waiting() const;

  private:
    friend class EventBus;
    class Queue;
    explicit EventReader(std::shared_ptr<Queue> queue);
    std::shared_ptr<Queue> queue_;
};

// Safe to call from many threads.
class EventBus {
  public:
    explicit EventBus(std::size_t ring = 2048);
    EventBus(const EventBus&) = delete;
    EventBus& operator=(const EventBus&) = delete;
    ~EventBus();  // closes

    // Returns the event's number; 0: the bus is closed, and nobody gets the event.
    std::uint64_t publish(Event event);
    [[nodiscard]] EventReader read(const ReaderOptions& options = {});
    // Number of the last event; 0: there was none.
    [[nodiscard]] std::uint64_t last() const;
    // Readers still get what is in their queues, and then nothing more.
    void close();

  private:
    struct Entry {
        std::uint64_t number = 0;
        std::shared_ptr<const Event> event;
    };

    friend class EventReader::Queue;

    const std::size_t ring_size_;
    mutable Mutex mutex_;
    std::deque<Entry> ring_ IMPRINT_GUARDED_BY(mutex_);
    std::vector<std::shared_ptr<EventReader::Queue>> queues_ IMPRINT_GUARDED_BY(mutex_);
    std::uint64_t last_ IMPRINT_GUARDED_BY(mutex_) = 0;
    bool closed_ IMPRINT_GUARDED_BY(mutex_) = false;
};

}  // namespace imprint::events
