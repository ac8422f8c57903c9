#include "transport/usb_identity.h"

#include "transport/udev.h"

namespace imprint::transport {

std::optional<UsbIdentity> usb_identity(dev_t terminal) {
    const Lock turn(udev_mutex());
    const UdevPtr library(udev_new());
    if (!library) return std::nullopt;
    const UdevDevicePtr device(udev_device_new_from_devnum(library.get(), 'c', terminal));
    if (!device) return std::nullopt;
    udev_device* usb = usb_device_of(device.get());
    if (usb == nullptr) return std::nullopt;
    const auto vendor = usb_number(usb, "idVendor");
    const auto product = usb_number(usb, "idProduct");
    if (!vendor || !product) return std::nullopt;
    return UsbIdentity{*vendor, *product};
}

std::string usb_socket(dev_t terminal) {
    const Lock turn(udev_mutex());
    const UdevPtr library(udev_new());
    if (!library) return {};
    const UdevDevicePtr device(udev_device_new_from_devnum(library.get(), 'c', terminal));
    return device ? socket_name(device.get()) : std::string();
}

}  // namespace imprint::transport
