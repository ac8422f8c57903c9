// A whole flash, or a merged binary of one: where it begins, its table, and what its parts hold.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <tuple>

#include "image/placed_table.h"
#include "image_tool/foreign.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

using image::Partition;
using image::PartitionTable;

constexpr std::uint32_t sector = 0x1000;
// Nobody puts the table further up; each sector below is tried.
constexpr std::uint32_t highest_table_offset = 0x100000;
// CONFIG_BOOTLOADER_OFFSET_IN_FLASH. Images that are written from the bootloader on begin there
// (esptool's merge-bin --target-offset; MicroPython's for the ESP32 and C5).
constexpr std::array<std::uint32_t, 3> bootloader_offsets{0x0, 0x1000, 0x2000};

// The file as a part of a flash: addresses are those in flash.
struct View {
    ByteView bytes;
    std::uint32_t begins_at = 0;

    [[nodiscard]] std::uint64_t end() const { return begins_at + std::uint64_t{bytes.size()}; }

    // What the file has of a range; empty if it has none.
    [[nodiscard]] ByteView part(std::uint64_t from, std::uint64_t to) const {
        const std::uint64_t first = std::max<std::uint64_t>(from, begins_at);
        const std::uint64_t last = std::min(to, end());
        return first >= last ? ByteView() : bytes.subspan(first - begins_at, last - first);
    }
};

// A table that is part of something larger is believed only when it has its end and its MD5.
bool table_stands_at(const View& view, std::uint32_t address) {
    const ByteView bytes = view.part(address, std::uint64_t{address} + sector);
    return address >= view.begins_at && bytes.size() == sector && is_table(bytes) &&
           PartitionTable::parse_binary(bytes);
}

// Places in the file: the usual one and those behind it where a table may have been moved to, else
// the first one.
std::vector<std::uint32_t> find_tables(ByteView bytes) {
    const View view{bytes};
    std::vector<std::uint32_t> found;
    for (std::uint32_t offset = sector; offset <= highest_table_offset; offset += sector) {
        if (offset > image::last_table_place && !found.empty()) break;
        if (table_stands_at(view, offset)) found.push_back(offset);
    }
    return found;
}

// Of those at these places in the file, the address in flash of the one that the bootloader uses.
std::optional<std::uint32_t> table_address(const View& view,
                                           const std::vector<std::uint32_t>& places) {
    std::vector<image::PlacedTable> tables;
    for (const std::uint32_t place : places) {
        const std::uint32_t address = place + view.begins_at;
        if (auto table =
                PartitionTable::parse_binary(view.part(address, std::uint64_t{address} + sector)))
            tables.push_back({address, std::move(*table)});
    }
    const auto* found = image::table_in_force(tables, [&](std::uint32_t at) {
        const ByteView bytes = view.part(at, std::uint64_t{at} + 1);
        return at >= view.begins_at && !bytes.empty() && bytes[0] == app_magic;
    });
    return found != nullptr ? std::optional(found->offset) : std::nullopt;
}

Finding read_partition(const View& view, const Partition& partition,
                       const InspectOptions& options) {
    const std::uint64_t end = std::uint64_t{partition.offset} + partition.size;
    const ByteView bytes = view.part(partition.offset, end);
    Finding missing{0, NotThere{partition.size - bytes.size()}};
    if (bytes.empty() || partition.offset < view.begins_at) return missing;
    const bool whole = bytes.size() == partition.size;
    if (is_erased(bytes)) return whole ? Finding{bytes.size(), Erased{}} : missing;
    if (partition.is_app() || (bytes[0] == app_magic && partition.type == 2)) {
        Finding app = read_app(bytes);
        // A merged binary ends where its last image does.
        if (whole || std::holds_alternative<AppFound>(app.what)) return app;
        return missing;
    }
    if (auto named = file_system(bytes)) return {bytes.size(), *std::move(named)};
    // A merged binary may end within it: what lies behind is erased.
    if (partition.is_nvs() ? image::nvs::has_nvs_page(bytes) : image::nvs::is_nvs(bytes))
        return read_nvs(bytes, options.nvs_keys.get());
    if (partition.type == image::secure_cert::partition_type &&
        image::secure_cert::is_secure_cert(bytes))
        return read_secure_cert(bytes);
    if (!partition.is_spiffs()) return read_other(bytes);
    return whole ? read_spiffs(bytes) : missing;
}

struct BootloaderFound {
    std::uint32_t offset = 0;
    Finding finding;
    int worth = 0;  // the more, the likelier
};

// The best that stands where a chip's ROM looks for one, not the first: the byte at 0x1000 of a
// bootloader that begins at 0 may be E9 as well.
std::optional<BootloaderFound> find_bootloader(const View& view, std::uint32_t table_offset) {
    std::optional<BootloaderFound> best;
    for (const std::uint32_t offset : bootloader_offsets) {
        if (offset >= table_offset || offset < view.begins_at) continue;
        const ByteView bytes = view.part(offset, table_offset);
        if (bytes.empty() || bytes[0] != app_magic) continue;
        BootloaderFound found{offset, read_app(bytes), 1};
        if (const auto* app = std::get_if<AppFound>(&found.finding.what))
            found.worth = bootloader_offset(app->image.chip_id) == offset ? 3 : 2;
        if (!best || found.worth > best->worth) best = std::move(found);
    }
    return best;
}

// How much speaks for the file beginning there.
int worth_of(const View& view, const PartitionTable& table, std::uint32_t table_offset) {
    constexpr int for_app = 4;
    PartitionTable::Options rules;
    rules.table_offset = table_offset;
    rules.md5 = false;
    int worth = table.verify(rules) ? 1 : 0;
    if (const auto bootloader = find_bootloader(view, table_offset)) worth += bootloader->worth;
    for (const Partition& partition : table.partitions()) {
        if (!partition.is_app()) continue;
        const ByteView bytes =
            view.part(partition.offset, std::uint64_t{partition.offset} + partition.size);
        if (partition.offset >= view.begins_at && !bytes.empty() && bytes[0] == app_magic)
            worth += for_app;
    }
    return worth;
}

// What no part covers and was written.
std::vector<FlashPart> outside(const View& view,
                               std::vector<std::pair<std::uint64_t, std::uint64_t>> covered) {
    std::ranges::sort(covered);
    covered.emplace_back(view.end(), view.end());
    std::vector<FlashPart> parts;
    std::uint64_t at = view.begins_at;
    for (const auto& [from, to] : covered) {
        const ByteView bytes = view.part(at, from);
        const auto written = std::ranges::find_if(bytes, [](std::uint8_t b) { return b != 0xFF; });
        if (at < from && written != bytes.end()) {
            // From the sector of its first byte.
            const auto skipped = static_cast<std::size_t>(written - bytes.begin());
            const std::uint64_t start =
                std::max<std::uint64_t>(at, (at + skipped) / sector * sector);
            const ByteView rest = view.part(start, from);
            Finding finding = read_other(rest);
            if (rest[0] == app_magic)
                if (Finding app = read_app(rest); std::holds_alternative<AppFound>(app.what))
                    finding = std::move(app);
            parts.push_back({"outside the partitions", "", static_cast<std::uint32_t>(start),
                             static_cast<std::uint32_t>(rest.size()), std::move(finding)});
        }
        at = std::max(at, to);
    }
    return parts;
}

void note_bootloader(const BootloaderFound& bootloader, FlashFound& found) {
    const auto* app = std::get_if<AppFound>(&bootloader.finding.what);
    if (app == nullptr) return;
    const image::AppImage& image = app->image;
    const std::string chip = chip_name(image.chip_id);
    if (const std::uint32_t right = bootloader_offset(image.chip_id); right != bootloader.offset)
        found.warnings.push_back(
            fmt::format("the bootloader for {} lies at 0x{:X}, and the chip looks for it at 0x{:X}",
                        chip, bootloader.offset, right));
    const std::uint64_t size = std::uint64_t{1} << (20 + image.flash_size_code);
    if (found.table.table.flash_size_needed() > size)
        found.warnings.push_back(fmt::format(
            "the bootloader's header says {}, and the partitions end at 0x{:X}: a device does not "
            "start with it",
            flash_size_name(image.flash_size_code), found.table.table.flash_size_needed()));
    for (const FlashPart& part : found.parts) {
        const auto* other = std::get_if<AppFound>(&part.finding.what);
        if (other != nullptr && other->image.chip_id != image.chip_id)
            found.warnings.push_back(
                fmt::format("the bootloader is for {}, and {} at 0x{:X} for {}", chip, part.name,
                            part.offset, chip_name(other->image.chip_id)));
    }
}

Result<FlashFound> read_flash(const View& view, std::uint32_t table_offset,
                              const InspectOptions& options) {
    FlashFound found;
    found.size = view.bytes.size();
    found.begins_at = view.begins_at;
    found.table_offset = table_offset;
    PartitionTable::Options rules = table_options(options);
    rules.table_offset = table_offset;
    IMPRINT_TRY(found.table,
                read_table(view.part(table_offset, std::uint64_t{table_offset} + sector), rules));
    std::vector<std::pair<std::uint64_t, std::uint64_t>> covered{
        {table_offset, std::uint64_t{table_offset} + sector}};
    for (const Partition& partition : found.table.table.partitions()) {
        covered.emplace_back(partition.offset, std::uint64_t{partition.offset} + partition.size);
        found.parts.push_back({partition.name,
                               image::type_name(partition.type) + " " +
                                   image::subtype_name(partition.type, partition.subtype),
                               partition.offset, partition.size,
                               read_partition(view, partition, options)});
    }
    if (auto bootloader = find_bootloader(view, table_offset)) {
        covered.emplace_back(bootloader->offset, table_offset);
        note_bootloader(*bootloader, found);
        found.parts.push_back({"bootloader", "", bootloader->offset,
                               table_offset - bootloader->offset, std::move(bootloader->finding)});
    }
    for (FlashPart& part : outside(view, std::move(covered)))
        found.parts.push_back(std::move(part));
    std::ranges::sort(found.parts, [](const FlashPart& a, const FlashPart& b) {
        return std::tie(a.offset, a.name) < std::tie(b.offset, b.name);
    });
    return found;
}

}  // namespace

Result<std::optional<FlashFound>> recognise_flash(ByteView bytes, const InspectOptions& options) {
    const auto in_file = options.table_offset ? std::vector<std::uint32_t>() : find_tables(bytes);
    if (!options.table_offset && in_file.empty()) return std::nullopt;
    std::optional<View> best;
    std::uint32_t table_offset = 0;
    int most = -1;
    for (const std::uint32_t begins_at : bootloader_offsets) {
        const View view{bytes, begins_at};
        const auto stands =
            options.table_offset ? options.table_offset : table_address(view, in_file);
        if (!stands || !table_stands_at(view, *stands)) continue;
        const std::uint32_t address = *stands;
        IMPRINT_TRY(const PartitionTable table, PartitionTable::parse_binary(view.part(
                                                    address, std::uint64_t{address} + sector)));
        const int worth = worth_of(view, table, address);
        if (worth <= most) continue;
        most = worth;
        best = view;
        table_offset = address;
    }
    if (!best) return std::nullopt;
    IMPRINT_TRY(FlashFound found, read_flash(*best, table_offset, options));
    return found;
}

}  // namespace imprint::image_tool
