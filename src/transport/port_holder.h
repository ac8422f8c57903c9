// Finds the process that has a device open.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace imprint::transport {

struct PortHolder {
    pid_t pid = 0;
    std::string program;  // from /proc/<pid>/comm
};

// Searches /proc for another process with `device` open. It can only see this user's processes, or
// all of them as root. This process comes last.
[[nodiscard]] std::optional<PortHolder> find_port_holder(dev_t device);

}  // namespace imprint::transport
