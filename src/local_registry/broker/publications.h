// What the registry publishes at its broker. It waits here until the broker takes it: in the order
// in which it happened, whosesoever request it came from.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/fd.h"
#include "base/mutex.h"
#include "local_registry/broker/arrivals.h"

namespace imprint::local_registry {

// Safe to call from many threads. Copies are the same one.
class Publications {
  public:
    // Without a broker nobody is listening: what is more than this is lost.
    static constexpr std::size_t most_waiting = 10'000;
    // Of topic and payload; the channel has room for it.
    static constexpr std::size_t largest = ArrivalChannel::largest_datagram - 8UL * 1024;

    // Error: broker_failed (registry).
    [[nodiscard]] static Result<Publications> make();

    // One at a time: `work` changes the state and publishes what that means.
    template <typename Work>
    auto in_order(Work&& work) {
        const Lock lock(shared_->order);
        return std::forward<Work>(work)();
    }

    // False: it is too large, or too many wait.
    bool publish(Announcement announcement);

    // Becomes readable when something is published. Of the one who takes it.
    [[nodiscard]] int wake_fd() const { return shared_->wake.get(); }

    // Gives `send` one after the other, as long as it takes them.
    template <typename Send>
    void hand_over(const Send& send) {
        const Lock lock(shared_->mutex);
        calm();
        while (!shared_->waiting.empty() && send(shared_->waiting.front()))
            shared_->waiting.pop_front();
    }

  private:
    struct Shared {
        explicit Shared(Fd event) : wake(std::move(event)) {}

        Mutex order;
        Fd wake;
        Mutex mutex;
        std::deque<Announcement> waiting IMPRINT_GUARDED_BY(mutex);
    };

    explicit Publications(Fd event) : shared_(std::make_shared<Shared>(std::move(event))) {}

    void calm() const;

    std::shared_ptr<Shared> shared_;
};

}  // namespace imprint::local_registry
