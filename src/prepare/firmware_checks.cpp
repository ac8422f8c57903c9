#include "prepare/firmware_checks.h"

#include <algorithm>
#include <fmt/format.h>

#include "loader/bootloader_header.h"

namespace imprint::prepare {

namespace {

std::string size_text(std::uint32_t bytes) {
    return bytes >= (1U << 20) && bytes % (1U << 20) == 0 ? fmt::format("{} MB", bytes >> 20)
                                                          : fmt::format("{} KB", bytes >> 10);
}

Result<void> fit_header(Firmware& firmware, const HeaderFlashSize& wanted) {
    using Kind = HeaderFlashSize::Kind;
    const std::uint32_t place = firmware.chip->bootloader_offset;
    const auto region = std::ranges::find(firmware.regions, place, &loader::FlashData::offset);
    const auto image = std::ranges::find(firmware.images, place, &loader::BootImage::offset);
    // A merged file has its bootloader inside: it stays as it is.
    if (region == firmware.regions.end() || image == firmware.images.end()) return {};
    Bytes content(region->content().begin(), region->content().end());
    if (wanted.kind == Kind::detect) {
        IMPRINT_TRY(firmware.fitted, loader::FittedBootloader::make(*firmware.chip, region->label(),
                                                                    std::move(content)));
        return {};
    }
    std::uint32_t told = loader::flash_size_in(image->header);
    if (wanted.kind == Kind::given && wanted.bytes != told) {
        loader::FlashParameters size;
        size.size = wanted.bytes;
        IMPRINT_TRY(Bytes changed,
                    loader::with_flash_parameters(*firmware.chip, place, content, size));
        firmware.notes.push_back(
            fmt::format("{} gets {} as the flash's size in its header, as flasher_args.json has it "
                        "(built: {})",
                        region->label(), size_text(wanted.bytes), size_text(told)));
        *region = loader::FlashData(region->label(), place, std::move(changed));
        told = wanted.bytes;
    }
    const std::uint32_t needed = firmware.table.flash_size_needed();
    if (told < needed)
        return fail(
            ErrorKind::config, "firmware_flash_size",
            fmt::format("{} tells the bootloader of {} of flash, and the partition table "
                        "ends at {:#x}: the board would not start",
                        region->label(), size_text(told), needed),
            "set CONFIG_ESPTOOLPY_FLASHSIZE to the flash's size, or make the table smaller");
    firmware.flash_size = std::max(firmware.flash_size, told);
    return {};
}

}  // namespace

Result<void> check_images(Firmware& firmware, const HeaderFlashSize& flash_size) {
    for (const auto& region : firmware.regions)
        for (auto& image : loader::find_images(region.label(), region.offset(), region.content()))
            firmware.images.push_back(std::move(image));
    if (const auto fault = loader::chip_fault(firmware.images, *firmware.chip))
        return fail(ErrorKind::config, "firmware_wrong_chip", *fault,
                    "build all of it for the same chip");
    if (const auto fault = loader::revisions_apart(firmware.images))
        return fail(ErrorKind::config, "firmware_revisions", *fault,
                    "build bootloader and app with the same configuration");
    IMPRINT_CHECK(loader::check_bootloader(firmware.images, *firmware.chip));
    IMPRINT_CHECK(loader::check_apps(firmware.images, firmware.table, firmware.regions));
    return fit_header(firmware, flash_size);
}

Result<std::vector<loader::FlashData>> Firmware::regions_for(std::uint32_t board_flash) const {
    std::vector<loader::FlashData> fitting = regions;
    if (!fitted) return fitting;
    IMPRINT_TRY(auto bootloader, fitted->for_flash(board_flash));
    const auto as_built =
        std::ranges::find(fitting, bootloader.offset(), &loader::FlashData::offset);
    *as_built = std::move(bootloader);
    return fitting;
}

Result<void> check_board(const Firmware& firmware, const loader::BoardInfo& board) {
    if (board.chip->id != firmware.chip->id)
        return fail(ErrorKind::board, "wrong_chip",
                    fmt::format("the board is an {}, the firmware is for {}", board.chip->name,
                                firmware.chip->name),
                    "plug in the right board, or build for this chip");
    if (const auto fault = loader::revision_fault(firmware.images, board.revision))
        return fail(ErrorKind::board, "wrong_revision", *fault,
                    "use a board of such a revision, or build the firmware for this one (its "
                    "minimum and maximum supported revision in menuconfig)");
    // A size that is not told is taken to be enough, but for the header that has to tell it.
    std::uint32_t size = board.flash_size;
    if (size == 0 && firmware.fitted) size = loader::FittedBootloader::taken_for_unknown;
    if (size != 0 && size < firmware.flash_size)
        return fail(ErrorKind::board, "flash_too_small",
                    fmt::format("the board has {} of flash, the firmware needs {}", size_text(size),
                                size_text(firmware.flash_size)),
                    "use a board with more flash, or a smaller partition table");
    return {};
}

}  // namespace imprint::prepare
