// The way from the page's requests to the bench, which is there only while it runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/mutex.h"
#include "station/bench.h"
#include "station/bench_worker.h"
#include "station/scanner.h"

namespace imprint::page {

// Thread-safe. Error of all: not_ready (usage): the station has not begun yet, or is ending.
class Desk {
  public:
    explicit Desk(ledger::OpenReports open) : open_(std::move(open)) {}

    // Both outlive it, or detach().
    void attach(station::Bench& bench, station::BenchWorker& worker);
    // Waits for what is being asked of it.
    void detach();

    [[nodiscard]] Result<void> learn(const station::BayLearner& learner);
    [[nodiscard]] Result<void> name_place(const std::string& place, const std::string& name);
    // Error: bay_unknown.
    [[nodiscard]] Result<void> press(const station::BenchKey& key);
    [[nodiscard]] Result<station::Scan> scan(std::string_view text,
                                             const std::string& operator_name,
                                             const std::string& bay);
    [[nodiscard]] Result<void> choose(const std::string& lot, const std::string& operator_name);

  private:
    // Of a request that uses them; it has been counted.
    class Asking {
      public:
        explicit Asking(Desk& desk) : desk_(desk) {}

        ~Asking();
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;
        Asking(Asking&&) = delete;
        Asking& operator=(Asking&&) = delete;

      private:
        Desk& desk_;
    };

    template <typename Ask>
    auto ask(const Ask& ask)
        -> decltype(ask(std::declval<station::Bench&>(), std::declval<station::BenchWorker&>()));

    ledger::OpenReports open_;
    Mutex mutex_;
    std::condition_variable_any left_;
    station::Bench* bench_ IMPRINT_GUARDED_BY(mutex_) = nullptr;
    station::BenchWorker* worker_ IMPRINT_GUARDED_BY(mutex_) = nullptr;
    unsigned asking_ IMPRINT_GUARDED_BY(mutex_) = 0;  // requests that use them
};

}  // namespace imprint::page
