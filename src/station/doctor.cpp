#include "station/doctor.h"

#include <algorithm>
#include <system_error>

#include "station/doctor/checks.h"
#include "station/doctor/machine.h"
#include "station/doctor/machine_checks.h"
#include "station/doctor/run_checks.h"
#include "station/udev_rules.h"
#include "transport/discovery.h"

namespace imprint::station {

namespace {

// Not one of this computer's: another one serves it.
bool is_at_another_computer(const std::string& port) {
    return port.contains("://");
}

// What only boards at this computer's own USB ports need.
void check_own_ports(const prepare::Settings& settings, const doctor::Machine& machine,
                     doctor::Checks& checks) {
    const auto& ports = settings.station.ports;
    if (!ports.empty() && std::ranges::all_of(ports, is_at_another_computer)) return;
    doctor::check_udev_rules(machine, udev_rules, checks);
    doctor::check_port_access(machine, transport::find_ports(), checks);
    doctor::check_port_rivals(machine, checks);
    doctor::check_usb(machine, checks);
}

}  // namespace

std::vector<Check> examine(const prepare::Settings& settings, Clock& clock, const Log& log,
                           const std::stop_token& stop, Reach reach) {
    const bool all = reach == Reach::everything;
    const doctor::Machine machine = doctor::this_machine(stop);
    doctor::Checks checks;
    doctor::check_project(settings, all, checks);
    const auto firmware = doctor::check_firmware(settings, checks);
    if (all)
        doctor::check_cloud(settings, firmware ? firmware->place : std::nullopt, clock, log, stop,
                            checks);
    const auto newest = doctor::check_ledger_file(settings, machine, clock, log, checks);
    doctor::check_labels(settings, checks);
    doctor::check_page(settings, clock.wall(), checks);
    doctor::check_bays(settings, clock, all, checks);
    doctor::check_clock(machine, clock.wall(), newest, checks);
    doctor::check_disks(machine, settings, checks);
    check_own_ports(settings, machine, checks);
    doctor::check_printer(machine, settings.label, checks);
    doctor::check_service(machine, checks);
    doctor::check_core_files(machine, checks);
    return checks.take();
}

}  // namespace imprint::station
