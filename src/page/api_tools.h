// What the parts of the API work with.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "config/config.h"
#include "fleet/retire.h"
#include "ledger/ledger.h"
#include "page/bay_learning.h"
#include "page/desk.h"
#include "page/feed.h"
#include "page/routes.h"
#include "prepare/settings.h"
#include "report/lot_watch.h"

namespace imprint::page {

// The work that is done outside of the page. Each is called from many threads.
struct Services {
    ledger::OpenReports open_reports;
    std::function<Result<std::unique_ptr<ledger::Ledger>>()> open_ledger;
    // Puts a board's label into the printer's queue. Error: label_printer: there is none.
    std::function<Result<void>(const MacAddress&)> print_label;
    // Empty: things cannot be retired here.
    std::function<Result<fleet::RetireReport>(const std::string& thing, const std::string& reason,
                                              const std::string& operator_name)>
        retire = {};
    // A line to the hands of a simulated bench; empty: boards are real.
    std::function<Result<std::string>(const std::string& line)> hands = {};
};

// All outlive the API.
struct ApiTools {
    const config::Config& config;
    Feed& feed;
    report::LotWatch& lots;
    Desk& desk;
    const Services& services;
    logins::Gate& gate;
    BayLearning& learning;
    Clock& clock;
};

[[nodiscard]] std::vector<Route> bench_routes(const ApiTools& tools);
[[nodiscard]] std::vector<Route> lot_routes(const ApiTools& tools);
[[nodiscard]] std::vector<Route> board_routes(const ApiTools& tools);
[[nodiscard]] std::vector<Route> settings_routes(const ApiTools& tools);

}  // namespace imprint::page
