#include "transport/discovery.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <tuple>

#include "transport/udev.h"
#include "transport/udev_port.h"
#include "transport/usb_identity.h"

namespace imprint::transport {

namespace {

// The kernel's drivers of the bridges found on ESP32 boards and cables, and of USB-Serial/JTAG
// (cdc_acm). A modem, a GPS receiver or a console server has a driver of its own.
constexpr std::array<std::string_view, 9> drivers{"cp210x",    "ch341",     "ch343",
                                                  "usb_ch343", "cdc_acm",   "ftdi_sio",
                                                  "pl2303",    "xr_serial", "f81232"};

bool carries_boards(udev_device* terminal) {
    udev_device* interface =
        udev_device_get_parent_with_subsystem_devtype(terminal, "usb", "usb_interface");
    if (interface == nullptr) return false;
    const std::string_view driver = text_or_empty(udev_device_get_driver(interface));
    return std::ranges::find(drivers, driver) != drivers.end();
}

}  // namespace

std::optional<FoundPort> port_of(udev_device* terminal) {
    const char* path = udev_device_get_devnode(terminal);
    udev_device* usb = usb_device_of(terminal);
    if (path == nullptr || usb == nullptr || !carries_boards(terminal)) return std::nullopt;
    FoundPort port;
    port.path = path;
    port.usb_path = socket_name(terminal);
    port.vendor = usb_number(usb, "idVendor").value_or(0);
    port.product = usb_number(usb, "idProduct").value_or(0);
    port.serial_number = text_or_empty(udev_device_get_sysattr_value(usb, "serial"));
    port.description = text_or_empty(udev_device_get_sysattr_value(usb, "product"));
    if (port.description.empty())
        port.description = fmt::format("USB device {:04x}:{:04x}", port.vendor, port.product);
    return port;
}

bool is_own_usb(const FoundPort& port) {
    return port.vendor == espressif_vendor && port.product != 0;
}

std::vector<FoundPort> find_ports() {
    std::vector<FoundPort> ports;
    const Lock turn(udev_mutex());
    const UdevPtr library(udev_new());
    if (!library) return ports;
    const UdevEnumeratePtr search(udev_enumerate_new(library.get()));
    if (!search || udev_enumerate_add_match_subsystem(search.get(), "tty") < 0 ||
        udev_enumerate_scan_devices(search.get()) < 0)
        return ports;
    for (udev_list_entry* entry = udev_enumerate_get_list_entry(search.get()); entry != nullptr;
         entry = udev_list_entry_get_next(entry)) {
        const UdevDevicePtr terminal(
            udev_device_new_from_syspath(library.get(), udev_list_entry_get_name(entry)));
        if (!terminal) continue;
        if (auto port = port_of(terminal.get())) ports.push_back(*std::move(port));
    }
    std::ranges::sort(ports, {},
                      [](const FoundPort& port) { return std::tie(port.usb_path, port.path); });
    return ports;
}

}  // namespace imprint::transport
