// Between those who tell what happens and those who listen. Who tells never waits: each reader has
// a queue and a thread of its own, and one that is slow, or stands still, holds up nobody.
//
// Events are numbered from 1, in the order in which all readers get them. The last ones stay in a
// ring: who comes back says which number it had last, and goes on behind it.
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
    std::uint64_t missed = 0;  // events that were lost to this reader since its last delivery
};

// What becomes of a queue that is full. Progress goes first in any case, where a later one of the
// same bay and step stands behind it: nobody misses that.
enum class Overflow : std::uint8_t {
    miss_oldest,  // then the oldest quarter: the reader is told how many it has missed
    // Then lines of the log, which are told as missed; all others are kept without a bound, as a
    // reporter needs it: what a board came to is never lost. A run makes a few dozen for a board.
    keep,
};

struct ReaderOptions {
    std::size_t bound = 1024;  // events that may wait before any of them goes
    Overflow overflow = Overflow::miss_oldest;
    // The last number that this reader has seen: it gets what came behind it, as far as the ring
    // reaches; 0: everything in the ring. A number that was not reached yet is another run's, and
    // counts as 0. Nothing: only what comes from now on.
    std::optional<std::uint64_t> since = {};
};

// One end of the bus; belongs to one thread at a time.
class EventReader {
  public:
    EventReader(EventReader&&) noexcept;
    EventReader& operator=(EventReader&&) = delete;
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;
    ~EventReader();

    // Waits for one. Nothing: the bus is closed and all of it was taken, or a stop was asked for.
    [[nodiscard]] std::optional<Delivery> next(const std::stop_token& stop = {});
    // Nothing: none is waiting.
    [[nodiscard]] std::optional<Delivery> try_next();
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

    // Gives the event's number; 0: the bus is closed, and nobody hears of it.
    std::uint64_t publish(Event event);
    [[nodiscard]] EventReader read(const ReaderOptions& options = {});
    // Of the last event; 0: there was none.
    [[nodiscard]] std::uint64_t last() const;
    // Readers get what is in their queues, and then nothing more.
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
