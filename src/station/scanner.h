// What is scanned at a bench, and what follows. Both faces of a bench have one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ledger/ledger.h"
#include "station/bench.h"
#include "station/bench_worker.h"
#include "station/scan.h"

namespace imprint::station {

// Error: bay_unknown (usage).
[[nodiscard]] Result<void> press(Bench& bench, const BenchKey& key);

class Scanner {
  public:
    // All outlive it.
    Scanner(Bench& bench, BenchWorker& worker, ledger::OpenReports open)
        : bench_(bench), worker_(worker), open_(std::move(open)) {}

    // Does what the text means, except for a board, which is only to be shown. bay: whose the
    // serial number is, if it is one; empty: as Bench::scan says. Errors: those of read_scan and
    // BenchWorker::choose; bay_unknown (usage). From any thread.
    [[nodiscard]] Result<Scan> take(std::string_view text, const std::string& operator_name = {},
                                    const std::string& bay = {});

  private:
    Bench& bench_;
    BenchWorker& worker_;
    ledger::OpenReports open_;
};

}  // namespace imprint::station
