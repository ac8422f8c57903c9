#include "flash_files/checks.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::flash_files {

namespace {

// What to do, and what else a command by hand can do.
std::string hint_of(const FlashSet& set, std::string_view hint) {
    return std::string(hint) + (set.by_hand ? "; --force writes it all the same" : "");
}

// That a chip starts from here: a bootloader's or an app's place.
Result<void> check_is_image(ByteView content) {
    IMPRINT_TRY(const auto ignored, image::parse_app_image(content));
    static_cast<void>(ignored);
    return {};
}

const loader::BootImage* bootloader_of(const FlashSet& set) {
    const auto found = std::ranges::find_if(set.images, [](const loader::BootImage& one) {
        return loader::bootloaders_chip(one) != nullptr;
    });
    return found == set.images.end() ? nullptr : &*found;
}

bool is_erased(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

// That each app partition into which a file reaches has an image there, or nothing: also in the
// middle of a merged file.
Result<void> check_apps_sound(const FlashSet& set) {
    for (const image::Partition& one : set.table->partitions()) {
        if (!one.is_app()) continue;
        for (std::size_t i = 0; i < set.regions.size(); ++i) {
            const loader::FlashData& region = set.regions[i];
            if (one.offset < region.offset() || one.offset - region.offset() >= region.size())
                continue;
            const ByteView here = region.content().subspan(one.offset - region.offset());
            if (is_erased(here.first(std::min<std::size_t>(here.size(), one.size)))) continue;
            if (auto sound = check_is_image(here); !sound)
                return with_context(
                    std::move(sound).error(),
                    fmt::format("{} for {:#x}", set.files[i].path.string(), one.offset));
        }
    }
    return {};
}

}  // namespace

std::string size_text(std::uint32_t bytes) {
    return bytes >= (1U << 20) && bytes % (1U << 20) == 0 ? fmt::format("{} MB", bytes >> 20)
                                                          : fmt::format("{} KB", bytes >> 10);
}

Result<void> check_place(const FlashSet& set, std::uint32_t offset, ByteView content) {
    if (!set.table || offset == set.table_offset) return {};
    const std::uint64_t end = static_cast<std::uint64_t>(offset) + content.size();
    if (offset < set.table_offset) {
        if (end > set.table_offset)
            return fail(
                ErrorKind::config, "firmware_does_not_fit",
                fmt::format("it ends at {:#x}, behind the partition table's start at {:#x}", end,
                            set.table_offset),
                hint_of(set, "move the partition table up (CONFIG_PARTITION_TABLE_OFFSET)"));
        const bool boots = set.chip != nullptr && offset == set.chip->bootloader_offset;
        return boots ? check_is_image(content) : Result<void>{};
    }
    const auto& partitions = set.table->partitions();
    const auto found =
        std::ranges::find_if(partitions, [offset](const image::Partition& partition) {
            return offset >= partition.offset && offset < partition.end();
        });
    if (found == partitions.end())
        return fail(ErrorKind::config, "firmware_does_not_fit",
                    fmt::format("no partition holds {:#x}", offset),
                    hint_of(set, "add a partition for it to the partition table"));
    if (end > found->end())
        return fail(ErrorKind::config, "firmware_does_not_fit",
                    fmt::format("it has {} bytes, partition \"{}\" leaves it {}", content.size(),
                                found->name, found->end() - offset),
                    hint_of(set, "make the partition larger or the file smaller"));
    return found->is_app() && offset == found->offset ? check_is_image(content) : Result<void>{};
}

Result<void> check_set(const FlashSet& set) {
    if (set.chip != nullptr)
        if (const auto fault = loader::chip_fault(set.images, *set.chip))
            return fail(ErrorKind::config, "firmware_wrong_chip", *fault,
                        hint_of(set, "build all of it for the same chip"));
    if (const auto fault = loader::revisions_apart(set.images))
        return fail(ErrorKind::config, "firmware_revisions", *fault,
                    hint_of(set, "build bootloader and app with the same configuration"));
    if (!set.for_esp8266.empty())
        return fail(ErrorKind::config, "firmware_wrong_chip",
                    fmt::format("{} is for the ESP8266, which is another kind of chip",
                                set.for_esp8266.front()),
                    hint_of(set, "build it for the board's chip"));
    if (!set.table) return {};
    IMPRINT_CHECK(check_apps_sound(set));
    if (auto placed = loader::check_places(set.images, {set.table_offset, *set.table}); !placed) {
        placed.error().hint = hint_of(set, placed.error().hint);
        return placed;
    }
    if (set.whole) IMPRINT_CHECK(loader::check_apps(set.images, *set.table, set.regions));
    const auto* bootloader = bootloader_of(set);
    if (bootloader == nullptr || set.fitted) return {};
    const std::uint32_t told = loader::flash_size_in(bootloader->header);
    if (told >= set.table->flash_size_needed()) return {};
    return fail(
        ErrorKind::config, "firmware_flash_size",
        fmt::format("{} tells the bootloader of {} of flash, and the partition table ends at "
                    "{:#x}: the board would not start",
                    bootloader->label, size_text(told), set.table->flash_size_needed()),
        hint_of(set, set.by_hand
                         ? "say --flash-size detect, or build it for the flash's size"
                         : "set CONFIG_ESPTOOLPY_FLASHSIZE to the flash's size, or make the table "
                           "smaller"));
}

Result<void> check_board(const FlashSet& set, const loader::BoardInfo& board) {
    if (set.force) return {};
    if (set.chip != nullptr && set.chip != board.chip)
        return fail(ErrorKind::board, "wrong_chip",
                    fmt::format("the board is an {}, the firmware is for {}", board.chip->name,
                                set.chip->name),
                    hint_of(set, "plug in the right board, or build for this chip"));
    if (const auto fault = loader::chip_fault(set.images, *board.chip))
        return fail(ErrorKind::board, "wrong_chip", *fault,
                    hint_of(set, "plug in the right board, or build for this chip"));
    if (const auto fault = loader::revision_fault(set.images, board.revision))
        return fail(ErrorKind::board, "wrong_revision", *fault,
                    hint_of(set,
                            "use a board of such a revision, or build the firmware for this one "
                            "(its minimum and maximum supported revision in menuconfig)"));
    if (const auto fault = loader::bootloader_fault(set.images, *board.chip))
        return fail(ErrorKind::board, "firmware_misplaced", *fault,
                    hint_of(set, "correct the address"));
    // A size that is not told is taken to be enough, but for the header that has to tell it.
    std::uint32_t size = board.flash_size;
    if (size == 0 && set.fitted) size = loader::FittedBootloader::taken_for_unknown;
    if (size == 0 || size >= set.flash_size) return {};
    const bool is_header_alone = !set.table || set.table->flash_size_needed() <= size;
    return fail(
        ErrorKind::board, "flash_too_small",
        fmt::format("the board has {} of flash, and by its table and its bootloader's header the "
                    "firmware needs {}",
                    size_text(size), size_text(set.flash_size)),
        hint_of(set, set.by_hand && is_header_alone
                         ? "say --flash-size detect, or build it for this board's flash"
                         : "use a board with more flash, or a smaller partition table"));
}

}  // namespace imprint::flash_files
