// Which ports have boards: the named ones, else those of imprint.toml, else those that are
// detected. Used by `prepare`, `board …` and `doctor` alike.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"
#include "transport/discovery.h"

namespace imprint::bays {

// transport::find_ports, or a test's replacement.
using PortFinder = std::function<std::vector<transport::FoundPort>()>;

struct BayPort {
    std::string port;
    std::string usb_path;  // empty: it has none
    // Stays the same when the board, but not its cable, is replaced: the port's USB path, or the
    // port itself.
    std::string place;
    // The configured name for this port or USB path, else the last part of the port ("ttyUSB0") if
    // no other of these ports ends in the same, else the whole port.
    std::string bay;
};

// The bay of a port by itself. names: as station.bays.
[[nodiscard]] BayPort bay_port_of(const transport::FoundPort& port,
                                  const std::map<std::string, std::string>& names);

// Names of bays as people count: "2" before "10", "line 2" before "line 10".
[[nodiscard]] bool in_natural_order(std::string_view a, std::string_view b);

struct PortWishes {
    std::vector<std::string> named = {};  // --port; overrides imprint.toml's
    bool all = false;                     // also every detected port
};

// Error: port_twice (usage).
[[nodiscard]] Result<void> check_named_once(const std::vector<std::string>& ports);
// Errors: no_port (board), port_twice (usage).
[[nodiscard]] Result<std::vector<BayPort>> choose_ports(const PortWishes& wishes,
                                                        const prepare::StationSettings& settings,
                                                        const PortFinder& find);
// For a single board. Errors (board): no_port, several_ports.
[[nodiscard]] Result<BayPort> choose_port(const std::string& named,
                                          const prepare::StationSettings& settings,
                                          const PortFinder& find);

}  // namespace imprint::bays
