// Ports as they come and go.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "transport/discovery.h"

namespace imprint::transport {

struct PortChange {
    enum class Kind : std::uint8_t { came, went };
    Kind kind = Kind::came;
    FoundPort port;  // of one that went, as it was when it came
    bool operator==(const PortChange&) const = default;
};

// Used by one thread at a time.
class PortWatch {
  public:
    virtual ~PortWatch() = default;
    // What has changed since the last call, in that order; at first, all that are there came. Waits
    // for a change; nothing: none within this time, or a stop. A port that was exchanged between
    // two looks went and came.
    // Error: port_watch (config): ports cannot be watched any more.
    [[nodiscard]] virtual Result<std::vector<PortChange>> next(Milliseconds patience,
                                                               const std::stop_token& stop) = 0;
};

// By the kernel's reports to udev, and by what is found there: for a report that is lost.
// Error: port_watch.
[[nodiscard]] Result<std::unique_ptr<PortWatch>> watch_udev(Clock& clock);
// These ports: a path is there or not, a URL always. clock outlives it.
[[nodiscard]] std::unique_ptr<PortWatch> watch_ports(std::vector<std::string> ports, Clock& clock);
// The links and devices in a folder, in the order of their names; other files are none. For
// simulated boards, and for containers whose /dev somebody else fills. Error: port_watch: there is
// no such folder. One that goes away later has no ports until it is back. Names that begin with a
// dot are links that are still being made.
[[nodiscard]] Result<std::unique_ptr<PortWatch>> watch_folder(const std::filesystem::path& folder,
                                                              Clock& clock);

}  // namespace imprint::transport
