// The rate at which each operation is called, found out from what the service refuses: its quotas
// are token buckets for each operation and account (AWS General Reference, "AWS IoT Core endpoints
// and quotas"), which nobody tells. All bays of a run share one Pace, so that together they stay
// just under the quota in place of spending their time on refusals.
//
// An operation goes unbounded until it is throttled. Then the bucket is empty, and what is accepted
// from there on is the quota itself: it is counted over a window and taken for the rate, which
// then grows slowly until the next refusal.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace imprint::aws {

// Safe to call from many threads.
class Pace {
  public:
    // Takes the next place in the operation's row; gives how long to wait for it.
    [[nodiscard]] Milliseconds reserve(std::string_view operation, Instant now);
    void accepted(std::string_view operation, Instant now);
    void throttled(std::string_view operation, Instant now);

    // Calls a second; nothing: not bounded.
    [[nodiscard]] std::optional<double> rate(std::string_view operation) const;

  private:
    struct Operation {
        std::optional<double> rate;  // calls a second
        double counted_rate = 0;     // what the last window gave; 0: the rate is a guess
        Instant next;                // the first free place in the row
        Instant grown;               // when the rate was last raised
        Instant window;              // since when accepted calls are counted
        unsigned counted = 0;
        bool emptied = false;  // a refusal began the window: the bucket was empty
    };

    static void grow(Operation& row, Instant now);

    mutable std::mutex mutex_;
    std::map<std::string, Operation, std::less<>> rows_;
};

// What a client may spend on tries again (AWS SDKs and Tools Reference Guide, "Retry behavior",
// standard mode: 500 tokens, 5 for a try again, 10 after a timeout). Where a service fails for
// everybody it keeps the tries from making it worse. The SDKs give up when it is spent; here a call
// is held back instead, for as long as a fresh one is worth the longest pause.
class RetryQuota {
  public:
    // False: spent.
    [[nodiscard]] bool take(bool after_timeout);
    // A call has gone well, and gives back what its last try cost, or one.
    void give_back(bool was_retried);

  private:
    static constexpr int capacity = 500;
    static constexpr int retry_cost = 5;
    static constexpr int timeout_cost = 10;

    std::mutex mutex_;
    int left_ = capacity;
};

}  // namespace imprint::aws
