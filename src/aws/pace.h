// The rate at which each operation is called, learned from the service's refusals: its quotas are
// token buckets per operation and account (AWS General Reference, "AWS IoT Core endpoints and
// quotas"), and their present values are not reported. All bays of a run share one Pace, so that
// together they stay just below the quota instead of spending their time on refusals.
//
// An operation is not limited until it is throttled. At that moment the bucket is empty, and the
// calls accepted from then on show the quota itself: they are counted over a window and give the
// rate, which then grows slowly until the next refusal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"

namespace imprint::aws {

// Safe to call from many threads.
class Pace {
  public:
    // Takes the next place in the operation's queue; returns how long to wait for it.
    [[nodiscard]] Milliseconds reserve(std::string_view operation, Instant now);
    void accepted(std::string_view operation, Instant now);
    void throttled(std::string_view operation, Instant now);

    // Calls per second; nothing: not limited.
    [[nodiscard]] std::optional<double> rate(std::string_view operation) const;

  private:
    struct Operation {
        std::optional<double> rate;  // calls per second
        double counted_rate = 0;     // measured in the last window; 0: the rate is a guess
        Instant next;                // the first free place in the queue
        Instant grown;               // when the rate was last raised
        Instant window;              // start of the count of accepted calls
        unsigned counted = 0;
        bool emptied = false;  // a refusal started the window: the bucket was empty
    };

    static void grow(Operation& row, Instant now);

    mutable Mutex mutex_;
    std::map<std::string, Operation, std::less<>> rows_ IMPRINT_GUARDED_BY(mutex_);
};

// The client's budget for retries (AWS SDKs and Tools Reference Guide, "Retry behavior", standard
// mode: 500 tokens, 5 for a retry, 10 after a timeout). If a service fails for everybody, this
// keeps retries from making it worse. The SDKs give up when the budget is spent; here a retry waits
// for the longest pause instead.
class RetryQuota {
  public:
    // False: the budget is spent.
    [[nodiscard]] bool take(bool after_timeout);
    // A call succeeded, and returns the cost of its last retry, or one token.
    void give_back(bool was_retried);

  private:
    static constexpr int capacity = 500;
    static constexpr int retry_cost = 5;
    static constexpr int timeout_cost = 10;

    Mutex mutex_;
    int left_ IMPRINT_GUARDED_BY(mutex_) = capacity;
};

}  // namespace imprint::aws
