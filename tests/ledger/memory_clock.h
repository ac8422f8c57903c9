// The time and the processes of a test that runs in memory.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/processes.h"

namespace imprint::ledger::testing {

// The time of ledger and registry; it goes on by a second with each look at the date.
class LedgerClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return Instant(time_); }

    [[nodiscard]] WallTime wall() const override {
        time_ += Milliseconds(1000);
        return WallTime(time_);
    }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        time_ += time;
        return !stop.stop_requested();
    }

  private:
    mutable Milliseconds time_{std::chrono::days(20'000)};
};

// Nobody is alive but the process that the test is at the moment.
class OneProcess final : public Processes {
  public:
    [[nodiscard]] std::string self() const override { return current; }

    [[nodiscard]] Life life_of(std::string_view identity) const override {
        return identity == current || identity == also_alive ? Life::alive : Life::dead;
    }

    std::string current = "h/b/n/1/p";
    std::string also_alive;
};

}  // namespace imprint::ledger::testing
