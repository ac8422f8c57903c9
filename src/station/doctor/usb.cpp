#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>

#include "base/text.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

// Espressif, Silicon Labs, QinHeng, FTDI: those of the udev rules.
constexpr std::array<std::string_view, 4> board_vendors{"303a", "10c4", "1a86", "0403"};

std::string line_of(const Machine& machine, const fs::path& path) {
    return std::string(trimmed(text_of(machine, path)));
}

std::vector<std::string> entries_of(const Machine& machine, const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(machine.root / folder, error), end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

// Kernel: Documentation/driver-api/usb/power-management.rst: "auto" lets it suspend a device.
std::vector<std::string> sleeping_bridges(const Machine& machine) {
    std::vector<std::string> found;
    const fs::path folder = "sys/bus/usb/devices";
    for (const auto& name : entries_of(machine, folder)) {
        const std::string vendor = line_of(machine, folder / name / "idVendor");
        if (std::ranges::find(board_vendors, vendor) == board_vendors.end()) continue;
        const fs::path power = folder / name / "power";
        if (line_of(machine, power / "control") != "auto") continue;
        // -1: never.
        if (line_of(machine, power / "autosuspend_delay_ms").starts_with('-')) continue;
        found.push_back(
            fmt::format("{} ({}:{})", name, vendor, line_of(machine, folder / name / "idProduct")));
    }
    return found;
}

// Kernel: drivers/hwmon/raspberrypi-hwmon.c.
bool has_too_little_power(const Machine& machine) {
    const fs::path folder = "sys/class/hwmon";
    return std::ranges::any_of(entries_of(machine, folder), [&](const std::string& name) {
        return line_of(machine, folder / name / "name") == "rpi_volt" &&
               line_of(machine, folder / name / "in0_lcrit_alarm") == "1";
    });
}

}  // namespace

void check_usb(const Machine& machine, Checks& checks) {
    if (const auto bridges = sleeping_bridges(machine); !bridges.empty())
        checks.warn("usb",
                    fmt::format("the kernel may put to sleep: {}; a board then seems silent",
                                fmt::join(bridges, ", ")),
                    "keep them awake: echo on | sudo tee /sys/bus/usb/devices/…/power/control; "
                    "powertop or TLP may have set it");
    if (has_too_little_power(machine))
        checks.warn("usb", "this Raspberry Pi has had too little voltage since its start",
                    "use its own power supply, and a USB hub with a supply for the boards");
}

}  // namespace imprint::station::doctor
