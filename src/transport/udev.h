// RAII wrappers of libudev's handles, for the two sources that use it.
#pragma once

#include <charconv>
#include <cstdint>
#include <libudev.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace imprint::transport {

// Locked by every user of libudev, from the first handle to the last. Its manual allows one context
// per thread; yet all contexts share the key of its hash tables, which is created without a lock
// (systemd src/basic/hashmap.c, get_hash_key).
[[nodiscard]] inline Mutex& udev_mutex() {
    static Mutex mutex;
    return mutex;
}

struct UdevRelease {
    void operator()(udev* handle) const { udev_unref(handle); }

    void operator()(udev_device* handle) const { udev_device_unref(handle); }

    void operator()(udev_enumerate* handle) const { udev_enumerate_unref(handle); }
};

using UdevPtr = std::unique_ptr<udev, UdevRelease>;
using UdevDevicePtr = std::unique_ptr<udev_device, UdevRelease>;
using UdevEnumeratePtr = std::unique_ptr<udev_enumerate, UdevRelease>;

// The USB device that `device` belongs to, or null. Owned by `device`.
[[nodiscard]] inline udev_device* usb_device_of(udev_device* device) {
    return udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device");
}

[[nodiscard]] inline std::string_view text_or_empty(const char* text) {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

// udev's name for the socket. Without its daemon (a container), the kernel's own name, which is
// just as stable: bus and chain of hub ports, "1-1.4:1.0".
[[nodiscard]] inline std::string socket_name(udev_device* terminal) {
    const std::string_view path =
        text_or_empty(udev_device_get_property_value(terminal, "ID_PATH"));
    if (!path.empty()) return std::string(path);
    udev_device* interface =
        udev_device_get_parent_with_subsystem_devtype(terminal, "usb", "usb_interface");
    return interface == nullptr ? std::string()
                                : std::string(text_or_empty(udev_device_get_sysname(interface)));
}

// Four hex digits, as in sysfs's idVendor.
[[nodiscard]] inline std::optional<std::uint16_t> usb_number(udev_device* device,
                                                             const char* attribute) {
    const std::string_view text = text_or_empty(udev_device_get_sysattr_value(device, attribute));
    std::uint16_t number = 0;
    const auto [stopped, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (error != std::errc{} || stopped != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace imprint::transport
