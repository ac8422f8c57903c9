#include "loader/boot_images.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "image/esp8266_image.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t sector = 0x1000;
constexpr std::uint16_t any_revision = 0xFFFF;

// Where in such a file an image may begin: at its beginning, where chips look for their bootloader,
// and where its table has an app.
std::vector<std::uint32_t> image_places(std::uint32_t offset, ByteView content) {
    std::set<std::uint32_t> places{offset};
    for (const Chip& chip : chips())
        places.insert(chip.bootloader_offset);
    if (const auto found = find_table(offset, content))
        for (const image::Partition& one : found->table.partitions())
            if (one.is_app()) places.insert(one.offset);
    std::erase_if(places,
                  [&](std::uint32_t at) { return at < offset || at - offset >= content.size(); });
    return {places.begin(), places.end()};
}

std::string place(const BootImage& image) {
    return fmt::format("{} ({:#x})", image.label, image.offset);
}

std::uint64_t end_of(const BootImage& image) {
    return image.offset + std::uint64_t{image.header.image_size};
}

std::string chip_name(std::uint16_t id) {
    const Chip* chip = chip_by_id(id);
    return chip != nullptr ? std::string(chip->name) : fmt::format("chip id {}", id);
}

const BootImage* image_at(std::span<const BootImage> images, std::uint32_t offset) {
    const auto found = std::ranges::find(images, offset, &BootImage::offset);
    return found == images.end() ? nullptr : &*found;
}

// ESP-IDF components/bootloader_support/include/esp_flash_partitions.h, esp_ota_select_entry_t:
// sequence, label, state at 24, CRC-32 of the sequence at 28.
std::uint32_t ota_sequence(ByteView entry) {
    constexpr std::uint32_t invalid = 3;
    constexpr std::uint32_t aborted = 4;
    if (entry.size() < 32) return 0;
    const std::uint32_t sequence = get_u32(entry, 0);
    const std::uint32_t state = get_u32(entry, 24);
    const bool sound = get_u32(entry, 28) == crc32(entry.first(4), 0xFFFFFFFF);
    return sequence == 0xFFFFFFFF || state == invalid || state == aborted || !sound ? 0 : sequence;
}

// What will be in flash there; empty where no region says.
ByteView content_at(std::span<const FlashData> regions, std::uint32_t offset) {
    for (const FlashData& region : regions)
        if (offset >= region.offset() && offset - region.offset() < region.size())
            return region.content().subspan(offset - region.offset());
    return {};
}

bool is_ota_slot(const image::Partition& partition) {
    return partition.is_app() && partition.subtype >= 0x10 && partition.subtype < 0x20;
}

bool is_factory(const image::Partition& partition) {
    return partition.is_app() && partition.subtype == 0;
}

// The partitions that the bootloader may be meant to start first: what OTA data in the files says,
// and without it the factory app or the first slot.
std::vector<const image::Partition*> started_first(const image::PartitionTable& table,
                                                   std::span<const FlashData> regions) {
    std::vector<const image::Partition*> slots;
    const image::Partition* factory = nullptr;
    std::uint32_t sequence = 0;
    for (const image::Partition& one : table.partitions()) {
        if (is_ota_slot(one)) slots.push_back(&one);
        if (is_factory(one)) factory = &one;
        const bool is_ota_data = one.type == 1 && one.subtype == 0;
        for (std::uint32_t copy = 0; is_ota_data && copy < 2; ++copy)
            sequence =
                std::max(sequence, ota_sequence(content_at(regions, one.offset + copy * sector)));
    }
    std::ranges::sort(slots, {}, &image::Partition::subtype);
    std::vector<const image::Partition*> first;
    if (sequence > 0 && !slots.empty()) first.push_back(slots[(sequence - 1) % slots.size()]);
    if (factory != nullptr) first.push_back(factory);
    if (sequence == 0 && !slots.empty()) first.push_back(slots.front());
    return first;
}

}  // namespace

std::optional<image::PlacedTable> find_table(std::uint32_t offset, ByteView content) {
    constexpr std::uint8_t image_magic = 0xE9;
    const auto tables = image::tables_in(offset, content);
    const auto* found = image::table_in_force(tables, [&](std::uint32_t at) {
        return at >= offset && at - offset < content.size() && content[at - offset] == image_magic;
    });
    return found != nullptr ? std::optional(*found) : std::nullopt;
}

std::vector<BootImage> find_images(std::string_view label, std::uint32_t offset, ByteView content) {
    std::vector<BootImage> images;
    for (const std::uint32_t at : image_places(offset, content)) {
        auto header = image::parse_app_image(content.subspan(at - offset));
        if (header) images.push_back({std::string(label), at, std::move(*header)});
    }
    return images;
}

std::vector<std::string> find_esp8266_images(std::string_view label, std::uint32_t offset,
                                             ByteView content) {
    std::vector<std::string> found;
    for (const std::uint32_t at : image_places(offset, content))
        if (const ByteView here = content.subspan(at - offset);
            image::is_esp8266_image(here) && !image::parse_app_image(here))
            found.push_back(fmt::format("{} ({:#x})", label, at));
    return found;
}

const Chip* bootloaders_chip(const BootImage& image) {
    const Chip* chip = chip_by_id(image.header.chip_id);
    return chip != nullptr && chip->bootloader_offset == image.offset ? chip : nullptr;
}

RevisionRange revisions_of(const image::AppImage& header) {
    // esptool: headers without the newer fields have 0 as the highest; and where those say nothing,
    // the older byte may.
    const bool older =
        header.max_revision == 0 || (header.max_revision == any_revision &&
                                     header.min_revision == 0 && header.min_revision_byte != 0);
    if (!older) return {header.min_revision, header.max_revision};
    constexpr std::uint16_t esp32c3 = 5;
    const unsigned unit = header.chip_id == esp32c3 ? 1 : 100;
    return {static_cast<std::uint16_t>(header.min_revision_byte * unit), any_revision};
}

std::string to_string(const RevisionRange& range) {
    if (range.most != any_revision)
        return fmt::format("{} to {}", revision_text(range.least), revision_text(range.most));
    return range.least == 0 ? "any" : fmt::format("{} and later", revision_text(range.least));
}

std::optional<std::string> chip_fault(std::span<const BootImage> images, const Chip& chip) {
    const auto other = std::ranges::find_if(
        images, [&](const BootImage& one) { return one.header.chip_id != chip.id; });
    if (other == images.end()) return std::nullopt;
    return fmt::format("{} is for the {}, not for the {}", place(*other),
                       chip_name(other->header.chip_id), chip.name);
}

std::optional<std::string> revision_fault(std::span<const BootImage> images,
                                          std::uint16_t revision) {
    const auto other = std::ranges::find_if(
        images, [&](const BootImage& one) { return !revisions_of(one.header).holds(revision); });
    if (other == images.end()) return std::nullopt;
    return fmt::format("{} asks for a chip of revision {}, the board's is {}", place(*other),
                       to_string(revisions_of(other->header)), revision_text(revision));
}

RevisionRange common_revisions(std::span<const BootImage> images) {
    RevisionRange common;
    for (const BootImage& one : images) {
        const RevisionRange range = revisions_of(one.header);
        common.least = std::max(common.least, range.least);
        common.most = std::min(common.most, range.most);
    }
    return common;
}

std::optional<std::string> revisions_apart(std::span<const BootImage> images) {
    for (const BootImage& one : images)
        for (const BootImage& other : images)
            if (revisions_of(one.header).least > revisions_of(other.header).most)
                return fmt::format("no chip suits both: {} asks for revision {}, {} for {}",
                                   place(one), to_string(revisions_of(one.header)), place(other),
                                   to_string(revisions_of(other.header)));
    return std::nullopt;
}

std::optional<std::string> bootloader_fault(std::span<const BootImage> images, const Chip& chip) {
    const auto lost = std::ranges::find_if(images, [&](const BootImage& one) {
        return one.offset < image::first_table_place && one.offset != chip.bootloader_offset;
    });
    if (lost == images.end()) return std::nullopt;
    return fmt::format("{} is an image where the {} looks for none: its bootloader lies at {:#x}",
                       place(*lost), chip.name, chip.bootloader_offset);
}

Result<void> check_bootloader(std::span<const BootImage> images, const Chip& chip) {
    if (const auto lost = bootloader_fault(images, chip))
        return fail(ErrorKind::config, "firmware_misplaced", *lost,
                    "correct the address; flasher_args.json of a build for this chip has it");
    const BootImage* bootloader = image_at(images, chip.bootloader_offset);
    if (bootloader == nullptr || bootloader->header.description)
        return fail(ErrorKind::config, "firmware_no_bootloader",
                    fmt::format("there is no bootloader among the files: the {} would find none at "
                                "{:#x}",
                                chip.name, chip.bootloader_offset),
                    "build it too; a build with secure boot leaves it out, and is for boards that "
                    "have theirs already");
    return {};
}

Result<void> check_places(std::span<const BootImage> images, const image::PlacedTable& placed) {
    const auto beyond = [](const BootImage& one, std::uint64_t end, const std::string& what,
                           const char* hint) {
        return fail(
            ErrorKind::config, "firmware_does_not_fit",
            fmt::format("{} ends at {:#x}, behind {} {:#x}", place(one), end_of(one), what, end),
            hint);
    };
    for (const BootImage& one : images) {
        if (one.offset < placed.offset && end_of(one) > placed.offset)
            return beyond(one, placed.offset, "the partition table's start at",
                          "move the partition table up (CONFIG_PARTITION_TABLE_OFFSET)");
        const auto& partitions = placed.table.partitions();
        const auto around =
            std::ranges::find_if(partitions, [&](const image::Partition& partition) {
                return partition.is_app() && one.offset >= partition.offset &&
                       one.offset < partition.end();
            });
        if (around == partitions.end()) continue;
        if (one.offset != around->offset)
            return fail(
                ErrorKind::config, "firmware_misplaced",
                fmt::format("{} is an app inside partition \"{}\", which begins at {:#x}: it "
                            "would not be found there",
                            place(one), around->name, around->offset),
                "write it to the partition's beginning");
        if (end_of(one) > around->end())
            return beyond(one, around->end(),
                          fmt::format("partition \"{}\", which ends at", around->name),
                          "make the partition larger or the app smaller");
    }
    return {};
}

Result<void> check_apps(std::span<const BootImage> images, const image::PartitionTable& table,
                        std::span<const FlashData> regions) {
    const auto first = started_first(table, regions);
    const bool any = std::ranges::any_of(first, [&](const image::Partition* partition) {
        return image_at(images, partition->offset) != nullptr;
    });
    if (any) return {};
    std::string where;
    for (const image::Partition* partition : first)
        where += fmt::format("{}\"{}\" ({:#x})", where.empty() ? "" : " or ", partition->name,
                             partition->offset);
    return fail(
        ErrorKind::config, "firmware_no_app",
        where.empty()
            ? std::string("the partition table has no app partition to start from")
            : fmt::format("there is no app among the files for partition {}, from which the "
                          "board would start",
                          where),
        "build the app, and write it to that partition's beginning");
}

std::uint32_t flash_size_in(const image::AppImage& header) {
    constexpr std::uint8_t largest = 7;  // 128 MB
    return header.flash_size_code > largest ? 0 : 1U << (20 + header.flash_size_code);
}

}  // namespace imprint::loader
