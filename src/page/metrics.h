// The station's figures for Prometheus: text format 0.0.4 (prometheus.io, "Exposition formats").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "events/bench_state.h"
#include "events/event.h"
#include "report/told.h"

namespace imprint::page {

// How long boards took that passed, as a histogram.
class PassSeconds {
  public:
    static constexpr std::array<double, 8> bounds{2, 5, 10, 15, 20, 30, 60, 120};

    void add(double seconds);

    [[nodiscard]] std::uint64_t up_to(std::size_t bound) const { return up_to_.at(bound); }

    [[nodiscard]] std::uint64_t count() const { return count_; }

    [[nodiscard]] double sum() const { return sum_; }

  private:
    std::array<std::uint64_t, bounds.size()> up_to_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

struct Figures {
    events::BenchState bench;
    std::optional<report::ToldLot> lot;
    PassSeconds seconds;
    bool registry_ok = true;
    bool ledger_ok = true;
    bool printer_ok = true;
    std::size_t browsers = 0;
};

[[nodiscard]] std::string metrics_text(const Figures& figures);

}  // namespace imprint::page
