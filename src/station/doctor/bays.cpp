#include <algorithm>
#include <fmt/format.h>

#include "bays/ports.h"
#include "config/bays_file.h"
#include "station/doctor/run_checks.h"
#include "transport/discovery.h"
#include "transport/port.h"
#include "transport/port_watch.h"

namespace imprint::station::doctor {

namespace {

// How many there are, and which of them `imprint station setup` has learnt.
void check_named_bays(const prepare::Settings& settings, Checks& checks) {
    const auto& station = settings.station;
    const auto learnt = config::read_bays_file(station.bays_file);
    if (!learnt) return checks.failed("bays", learnt.error());
    if (station.bays.empty()) return;
    const std::string file = station.bays_file.string();
    const auto count = std::to_string(station.bays.size());
    checks.ok("bays",
              learnt->empty()
                  ? fmt::format("{} have names, by station.bays", count)
                  : fmt::format("{} have names, {} of them by {}", count, learnt->size(), file),
              {{"count", count}, {"learnt", std::to_string(learnt->size())}, {"path", file}});
}

// Where a bench looks for boards that come and go.
void check_watched(const prepare::Settings& settings, Clock& clock, Checks& checks) {
    const auto& station = settings.station;
    if (station.watch == "udev" || !station.ports.empty()) return;
    if (const auto watch = transport::watch_folder(station.watch, clock); !watch)
        checks.failed("watch", watch.error(), {{"path", station.watch}});
    else
        checks.ok("watch", station.watch, {{"path", station.watch}});
}

}  // namespace

void check_bays(const prepare::Settings& settings, Clock& clock, bool open, Checks& checks) {
    check_named_bays(settings, checks);
    check_watched(settings, clock, checks);
    const auto chosen = bays::choose_ports({}, settings.station, transport::find_ports);
    if (!chosen && chosen.error().is("no_port"))
        return checks.warn("ports", chosen.error().message, chosen.error().shown_hint());
    if (!chosen) return checks.failed("ports", chosen.error());
    for (const auto& one : *chosen) {
        const Checks::Facts facts{{"port", one.port}, {"bay", one.bay}, {"usb_path", one.usb_path}};
        if (open)
            if (const auto port = transport::open_port(one.port); !port) {
                checks.failed("port", port.error(), facts);
                continue;
            }
        checks.ok("port",
                  one.usb_path.empty() ? one.port
                                       : fmt::format("{}, at USB path {}", one.port, one.usb_path),
                  facts);
    }
    for (const auto& [name, place] : settings.station.bays)
        if (std::ranges::none_of(*chosen, [&place](const auto& one) {
                return one.port == place || one.usb_path == place;
            }))
            checks.warn("ports", fmt::format("no port is at {}, where bay {} is", place, name),
                        "the lines \"port\" above have the USB paths that are there");
}

}  // namespace imprint::station::doctor
