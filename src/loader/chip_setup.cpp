#include "loader/chip_setup.h"

#include <algorithm>

namespace imprint::loader {

namespace {

constexpr std::uint32_t locked = 0;

Result<void> take(Connection& link, const RegisterStep& step) {
    IMPRINT_TRY(const std::uint32_t former, link.read_register(step.address));
    IMPRINT_CHECK(link.write_register(step.address, (former & ~step.clear) | step.set));
    if (step.wait_ms == 0) return {};
    return link.sleep(Milliseconds(step.wait_ms));
}

// esptool esptool/targets/esp32c3.py, disable_watchdogs: the same registers on all of them.
Result<void> quiet_watchdogs(Connection& link, const Chip& chip) {
    if (chip.watchdog.config0 != 0) {
        IMPRINT_CHECK(link.write_register(chip.watchdog.protect, rtc_watchdog_key));
        IMPRINT_CHECK(link.write_register(chip.watchdog.config0, 0));
        IMPRINT_CHECK(link.write_register(chip.watchdog.protect, locked));
    }
    const SuperWatchdog& super = chip.super_watchdog;
    if (super.config == 0) return {};
    IMPRINT_CHECK(link.write_register(super.protect, super.key));
    IMPRINT_CHECK(take(link, {super.config, 0, super.feeds_itself, 0}));
    return link.write_register(super.protect, locked);
}

// esptool esptool/targets/esp32p4.py, power_on_flash.
Result<void> power_flash(Connection& link, const FlashSupply& supply, std::uint16_t revision) {
    if (revision < supply.first_revision || revision > supply.last_revision) return {};
    if (revision >= supply.automatic_from) {
        IMPRINT_TRY(const std::uint32_t word, link.read_register(supply.automatic.address));
        if (supply.automatic.of(word) != 0) return take(link, supply.left_over);
    }
    for (const RegisterStep& step : supply.steps)
        IMPRINT_CHECK(take(link, step));
    return {};
}

}  // namespace

Result<void> settle_chip(Connection& link, const Chip& chip, std::uint16_t revision) {
    if (link.kind() == LoaderKind::stub) return {};
    if (link.port().traits().usb_serial_jtag) IMPRINT_CHECK(quiet_watchdogs(link, chip));
    return power_flash(link, chip.flash_supply, revision);
}

// esptool esptool/loader.py, uses_usb_otg; esptool/targets/esp32s3.py, USB_RAM_BLOCK.
std::uint32_t block_size(const Connection& link, const Chip& chip, std::uint32_t usual) {
    return is_own_usb(link, chip) ? std::min(usual, chip.usb_block) : usual;
}

bool is_own_usb(const Connection& link, const Chip& chip) {
    return chip.usb_block != 0 && link.port().traits().espressif_product == chip.id;
}

// esptool esptool/targets/esp32s3.py, hard_reset.
Result<void> let_leave_loader(Connection& link, const Chip& chip) {
    if (chip.force_download.bits == 0 || link.port().traits().espressif_product == 0) return {};
    const std::uint32_t mask = ((1U << chip.force_download.bits) - 1) << chip.force_download.shift;
    return take(link, {chip.force_download.address, mask, 0});
}

Result<bool> io0_was_held(Connection& link, const Chip& chip) {
    if (chip.io0_strap.bits == 0) return false;
    IMPRINT_TRY(const std::uint32_t word, link.read_register(chip.io0_strap.address));
    return chip.io0_strap.of(word) == 0;
}

Result<void> reset_by_watchdog(Connection& link, const Chip& chip) {
    // Cycles of the slow clock, which runs at about 150 kHz.
    constexpr std::uint32_t soon = 2000;
    IMPRINT_CHECK(link.write_register(chip.watchdog.protect, rtc_watchdog_key));
    IMPRINT_CHECK(link.write_register(chip.watchdog.config1, soon));
    return link.send(
        request(Op::write_reg, {chip.watchdog.config0, chip.watchdog.enable, 0xFFFFFFFF, 0})
            .encode());
}

}  // namespace imprint::loader
