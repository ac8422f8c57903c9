// Programs of this computer that open or take away serial ports on their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace imprint::transport {

struct PortRival {
    std::string program;
    std::string found;  // what it does
    std::string hint;
};

// ModemManager if it runs and no rule keeps it away; brltty if its udev rules claim the CH340 or
// the CP210x.
// Looks at /proc and at udev's rules below `root`.
[[nodiscard]] std::vector<PortRival> find_port_rivals(const std::filesystem::path& root = "/");

}  // namespace imprint::transport
