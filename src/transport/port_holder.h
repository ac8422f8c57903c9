// Who has a device open?
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace imprint::transport {

struct PortHolder {
    pid_t pid = 0;
    std::string program;  // as /proc/<pid>/comm has it
};

// Looks through /proc for another process with `device` open, which it can only where it may look:
// its own user's processes, or everybody's as root. This process comes last.
[[nodiscard]] std::optional<PortHolder> find_port_holder(dev_t device);

}  // namespace imprint::transport
