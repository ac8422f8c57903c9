// How what the station depends on stands, as far as events tell: the registry, the ledger, the
// printer.
#pragma once

#include <string>

#include "events/bench_state.h"
#include "page/station_json.h"

namespace imprint::page {

class Lights {
  public:
    explicit Lights(bool has_printer) : has_printer_(has_printer) {}

    // state: after the event.
    void take(const events::Event& event, const events::BenchState& state);
    // Of whoever reads the ledger; empty: it can be read.
    void ledger_trouble(std::string why);

    [[nodiscard]] Json json() const;

  private:
    void failed(const events::BoardFailed& told);

    bool has_printer_;
    bool registry_waits_ = false;
    std::string registry_trouble_;
    std::string ledger_trouble_;  // a board failed by it
    std::string unreadable_;      // it cannot be read
    std::string printer_trouble_;
};

}  // namespace imprint::page
