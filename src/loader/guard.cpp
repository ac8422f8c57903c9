#include "loader/guard.h"

#include <fmt/format.h>

#include "loader/flash_size.h"

namespace imprint::loader {

namespace {

// What lies below the usual place of the partition table is what secure boot looks at first:
// esptool esptool/cmds.py, write_flash.
constexpr std::uint32_t behind_bootloader = 0x8000;
// Bootloader and table end before the first place that an app may have (ESP-IDF docs/en/api-guides/
// partition-tables.rst: apps are aligned to 64 KB), wherever between them the table was moved to.
constexpr std::uint32_t behind_table = 0x10000;

std::unexpected<Error> secured(std::string message, std::string hint) {
    return fail(ErrorKind::board, "chip_secured", std::move(message), std::move(hint));
}

}  // namespace

std::uint64_t flash_reach(const Chip& chip, LoaderKind loader) {
    return loader == LoaderKind::stub && chip.stub.addresses_32_bits ? 1ULL << 32
                                                                     : reach_of_24_bits;
}

Result<void> FlashGuard::range(std::uint32_t offset, std::uint32_t size) const {
    const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
    if (is_no_flash_id(info_->flash_id))
        return fail(ErrorKind::board, "flash_missing",
                    fmt::format("the {} on {} finds no flash chip: its id reads as {:06x}",
                                info_->chip->name, port_, info_->flash_id),
                    "check the module; something else may be connected to its flash pins");
    if (info_->flash_size != 0 && end > info_->flash_size)
        return fail(
            ErrorKind::board, "flash_too_small",
            fmt::format("{:#x} to {:#x} lies beyond the {:#x} bytes of flash that the board on {} "
                        "has{}",
                        offset, end, info_->flash_size, port_,
                        info_->flash_size < info_->flash_size_told
                            ? fmt::format(" (its id {:06x} tells {:#x}, but addresses wrap)",
                                          info_->flash_id, info_->flash_size_told)
                            : std::string()),
            "build the firmware for this board's flash, or use a board with more");
    if (const std::uint64_t reach = flash_reach(*info_->chip, loader_); end > reach)
        return fail(
            ErrorKind::board, "flash_out_of_reach",
            fmt::format("{:#x} to {:#x} lies beyond the {:#x} bytes that the {} of the {} "
                        "on {} can address: it would wrap to the beginning",
                        offset, end, reach,
                        loader_ == LoaderKind::stub ? "stub flasher" : "ROM loader",
                        info_->chip->name, port_),
            loader_ == LoaderKind::rom && info_->chip->stub.addresses_32_bits
                ? "let the stub do it: station.use_stub, or see why it does not start"
                : "keep below 16 MB what is written through the loader; the firmware itself "
                  "may use the rest");
    return {};
}

Result<void> FlashGuard::place(const FlashData& region) const {
    IMPRINT_CHECK(range(region.offset(), region.size()));
    if (region.offset() % flash_sector != 0)
        return fail(ErrorKind::config, "flash_alignment",
                    fmt::format("{} at {:#x} does not begin on a flash sector of 4 KB",
                                region.label(), region.offset()));
    if (info_->security.secure_boot && !consent_.signed_bootloader &&
        region.offset() < behind_bootloader)
        return secured(fmt::format("{} has secure boot on: a bootloader that is not signed for it "
                                   "would be its last",
                                   port_),
                       "say --signed if it is, or leave it out");
    return {};
}

Result<void> FlashGuard::write(const FlashData& region) const {
    IMPRINT_CHECK(place(region));
    if (info_->security.flash_encryption && !consent_.plain_on_encrypted)
        return secured(
            fmt::format("the {} on {} encrypts its flash: what is written plainly would not be "
                        "read back as such, and it would not start",
                        info_->chip->name, port_),
            info_->security.encrypted_writes_disabled
                ? "it does not encrypt for the loader either: use a board without flash "
                  "encryption, or board flash --plain for images that were encrypted for it"
                : "board flash --encrypt has the chip encrypt it; --plain is for partitions that "
                  "are not encrypted");
    return {};
}

Result<void> FlashGuard::write_encrypted(const FlashData& region) const {
    IMPRINT_CHECK(place(region));
    const auto refused = [&](std::string_view why, const char* hint) {
        return secured(fmt::format("nothing can be written encrypted: the {} on {} {}",
                                   info_->chip->name, port_, why),
                       hint);
    };
    if (!info_->security.flash_encryption)
        return refused("does not encrypt its flash",
                       "leave --encrypt away: its own bootloader encrypts at the first start, "
                       "where the firmware is made for that");
    if (info_->security.encrypted_writes_disabled)
        return refused("has its loader's encryption disabled for good (release mode)",
                       "update it over the air, or write images that were encrypted for it: "
                       "--plain");
    if (loader_ == LoaderKind::rom && !info_->chip->rom_encrypted_word)
        return refused("encrypts by its stub only, which does not run",
                       "set station.use_stub, or see why the stub does not start");
    return {};
}

// esptool esptool/cmds.py, erase_flash and erase_region, refuses all of it; but a partition that
// firmware writes plainly may be erased as it may be written.
Result<void> FlashGuard::erase(std::uint32_t offset, std::uint32_t size) const {
    IMPRINT_CHECK(range(offset, size));
    if (offset % flash_sector != 0 || size % flash_sector != 0)
        return fail(
            ErrorKind::usage, "flash_alignment",
            fmt::format("{:#x} bytes at {:#x} are not whole flash sectors of 4 KB", size, offset),
            "round both to 0x1000");
    const SecurityState& state = info_->security;
    if (!state.secure_boot && !state.flash_encryption) return {};
    const char* what = state.flash_encryption ? "encrypts its flash" : "has secure boot on";
    if (offset < behind_table)
        return secured(
            fmt::format("the {} on {} {}: without its bootloader and partition table, below {:#x}, "
                        "it would never start again",
                        info_->chip->name, port_, what, behind_table),
            "erase what lies behind them only: ADDRESS SIZE");
    if (state.flash_encryption && !consent_.plain_on_encrypted)
        return secured(fmt::format("the {} on {} {}: what is erased would be read as noise, and an "
                                   "app could not be brought back",
                                   info_->chip->name, port_, what),
                       "board erase --plain is for partitions that are not encrypted");
    return {};
}

}  // namespace imprint::loader
