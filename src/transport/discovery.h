// Lists the ports, and which bay each one is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace imprint::transport {

struct FoundPort {
    std::string path;      // "/dev/ttyUSB0"
    std::string usb_path;  // udev's ID_PATH, stable for a physical socket; empty if not USB
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::string serial_number;
    std::string description;  // "CP2102N USB to UART Bridge Controller"
    bool operator==(const FoundPort&) const = default;
};

// The chip itself is the USB device: it leaves the bus with each of its resets.
[[nodiscard]] bool is_own_usb(const FoundPort& port);

// Serial ports that can have a board (USB bridges and USB-Serial/JTAG), sorted by usb_path.
[[nodiscard]] std::vector<FoundPort> find_ports();

}  // namespace imprint::transport
