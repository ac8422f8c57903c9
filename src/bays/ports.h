// Which ports boards are on: those that were named, else those of imprint.toml, else those that are
// found. The one place for `prepare`, `board …` and `doctor`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"
#include "transport/discovery.h"

namespace imprint::bays {

// transport::find_ports, or what a test has in its place.
using PortFinder = std::function<std::vector<transport::FoundPort>()>;

struct BayPort {
    std::string port;
    std::string usb_path;  // empty: it has none
    // What stays the same when a board, but not its cable, is exchanged: the USB path of the port,
    // or the port itself.
    std::string place;
    // The configured one for this port or USB path, else the port's own: the last part of it
    // ("ttyUSB0") where no other of these ports ends so.
    std::string bay;
};

struct PortWishes {
    std::vector<std::string> named = {};  // --port; wins over imprint.toml's
    bool all = false;                     // also every port that is found
};

// Error: port_twice (usage).
[[nodiscard]] Result<void> check_named_once(const std::vector<std::string>& ports);
// Errors: no_port (board), port_twice (usage).
[[nodiscard]] Result<std::vector<BayPort>> choose_ports(const PortWishes& wishes,
                                                        const prepare::StationSettings& settings,
                                                        const PortFinder& find);
// For one board. Errors (board): no_port, several_ports.
[[nodiscard]] Result<BayPort> choose_port(const std::string& named,
                                          const prepare::StationSettings& settings,
                                          const PortFinder& find);

}  // namespace imprint::bays
