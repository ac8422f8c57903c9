#include "transport/discovery.h"

#include <algorithm>
#include <charconv>
#include <libudev.h>
#include <memory>
#include <string_view>

namespace imprint::transport {

namespace {

template <auto Release>
struct Unref {
    template <typename T>
    void operator()(T* object) const noexcept {
        Release(object);
    }
};

using Udev = std::unique_ptr<udev, Unref<udev_unref>>;
using Enumerate = std::unique_ptr<udev_enumerate, Unref<udev_enumerate_unref>>;
using Device = std::unique_ptr<udev_device, Unref<udev_device_unref>>;

std::string property(udev_device* device, const char* name) {
    const char* value = udev_device_get_property_value(device, name);
    return value == nullptr ? "" : value;
}

std::uint16_t hex_property(udev_device* device, const char* name) {
    const std::string text = property(device, name);
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

}  // namespace

std::vector<FoundPort> find_ports() {
    std::vector<FoundPort> found;
    const Udev context(udev_new());
    if (!context) return found;
    const Enumerate enumerate(udev_enumerate_new(context.get()));
    if (!enumerate) return found;
    udev_enumerate_add_match_subsystem(enumerate.get(), "tty");
    udev_enumerate_add_match_property(enumerate.get(), "ID_BUS", "usb");
    udev_enumerate_scan_devices(enumerate.get());
    for (udev_list_entry* entry = udev_enumerate_get_list_entry(enumerate.get()); entry != nullptr;
         entry = udev_list_entry_get_next(entry)) {
        const Device device(
            udev_device_new_from_syspath(context.get(), udev_list_entry_get_name(entry)));
        const char* node = device ? udev_device_get_devnode(device.get()) : nullptr;
        if (node == nullptr) continue;
        FoundPort port;
        port.path = node;
        port.usb_path = property(device.get(), "ID_PATH");
        port.vendor = hex_property(device.get(), "ID_VENDOR_ID");
        port.product = hex_property(device.get(), "ID_MODEL_ID");
        port.serial_number = property(device.get(), "ID_SERIAL_SHORT");
        port.description = property(device.get(), "ID_MODEL");
        found.push_back(std::move(port));
    }
    std::ranges::sort(found, {},
                      [](const FoundPort& port) { return std::pair(port.usb_path, port.path); });
    return found;
}

}  // namespace imprint::transport
