#include "station/surroundings.h"

#include <utility>

#include "ledger/sqlite_ledger.h"
#include "station/registry_access.h"
#include "transport/discovery.h"

namespace imprint::station {

Surroundings surroundings_of_this_process(const prepare::Settings& settings, Clock& clock,
                                          const Log& log, std::stop_token stop) {
    Surroundings all;
    all.find_ports = transport::find_ports;
    all.open_port = [](const std::string& port) { return transport::open_port(port); };
    all.watch_ports = [&settings, &clock](const std::vector<std::string>& named)
        -> Result<std::unique_ptr<transport::PortWatch>> {
        const auto& station = settings.station;
        const auto& ports = named.empty() ? station.ports : named;
        if (!ports.empty()) {
            IMPRINT_CHECK(bays::check_named_once(ports));
            return transport::watch_ports(ports, clock);
        }
        if (station.watch == "udev") return transport::watch_udev(clock);
        return transport::watch_folder(station.watch, clock);
    };
    all.reach_registry = [&settings, &clock, log,
                          stop = std::move(stop)]() -> Result<ReachedRegistry> {
        IMPRINT_TRY(auto access, find_registry(settings.registry, settings.credentials.root_ca,
                                               aws::CredentialEnvironment::of_this_process(),
                                               clock.wall(), log, stop));
        auto registry = open_registry(access, clock, log);
        return ReachedRegistry{std::move(registry), std::move(access.root_ca)};
    };
    all.open_ledger = [&settings, &clock, log]() -> Result<std::shared_ptr<ledger::Ledger>> {
        return ledger::open_ledger(settings.ledger.path, clock, {.log = log});
    };
    all.find_lot =
        [&settings, &clock,
         log](const std::string& name_or_code) -> Result<std::optional<ledger::LotRecord>> {
        auto ledger = ledger::open_reports(settings.ledger.path, clock, {.log = log});
        if (!ledger && ledger.error().is("ledger_missing"))
            return std::optional<ledger::LotRecord>{};
        if (!ledger) return std::unexpected(std::move(ledger).error());
        return (*ledger)->find_lot(name_or_code);
    };
    return all;
}

}  // namespace imprint::station
