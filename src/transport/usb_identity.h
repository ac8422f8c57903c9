// USB data of the device behind a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace imprint::transport {

struct UsbIdentity {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    bool operator==(const UsbIdentity&) const = default;
};

inline constexpr std::uint16_t espressif_vendor = 0x303A;

// The USB-Serial/JTAG unit in Espressif's newer chips: esptool, esp-pylib constants.
inline constexpr UsbIdentity usb_serial_jtag{espressif_vendor, 0x1001};

// Empty: not on USB, or unknown.
[[nodiscard]] std::optional<UsbIdentity> usb_identity(dev_t terminal);

// FoundPort::usb_path of a terminal (discovery.h); empty: not on USB.
[[nodiscard]] std::string usb_socket(dev_t terminal);

}  // namespace imprint::transport
