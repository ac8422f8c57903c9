// A run's access to the outside: ports, a registry, a ledger. Either the program's own, or a test's
// replacements.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bays/ports.h"
#include "ledger/ledger.h"
#include "prepare/cloud.h"
#include "prepare/settings.h"
#include "registry/registry.h"
#include "transport/port.h"
#include "transport/port_watch.h"

namespace imprint::station {

struct ReachedRegistry {
    std::shared_ptr<registry::Registry> registry;
    prepare::RootCa root_ca;
};

struct Surroundings {
    bays::PortFinder find_ports;
    std::function<Result<std::unique_ptr<transport::Port>>(const std::string& port)> open_port;
    // named: these ports alone; none: as the settings say.
    std::function<Result<std::unique_ptr<transport::PortWatch>>(
        const std::vector<std::string>& named)>
        watch_ports;
    std::function<Result<ReachedRegistry>()> reach_registry;
    std::function<Result<std::shared_ptr<ledger::Ledger>>()> open_ledger;
    // In the ledger, by its name or code, before that is opened; a ledger that is not there yet has
    // none. Empty: no lots.
    std::function<Result<std::optional<ledger::LotRecord>>(const std::string&)> find_lot = {};
};

// settings and clock outlive it.
[[nodiscard]] Surroundings surroundings_of_this_process(const prepare::Settings& settings,
                                                        Clock& clock, const Log& log,
                                                        std::stop_token stop);

}  // namespace imprint::station
