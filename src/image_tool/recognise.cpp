#include "image_tool/recognise.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <tuple>

#include "image/text.h"

namespace imprint::image_tool {

namespace {

using image::Partition;
using image::PartitionTable;

constexpr std::uint32_t sector = 0x1000;
constexpr std::uint8_t app_magic = 0xE9;
constexpr std::uint32_t usual_table_offset = 0x8000;  // CONFIG_PARTITION_TABLE_OFFSET
// Nobody puts the table further up; each sector below is tried.
constexpr std::uint32_t highest_table_offset = 0x100000;
// CONFIG_BOOTLOADER_OFFSET_IN_FLASH: ESP32 and S2; most others; P4, C5 and newer.
constexpr std::array<std::uint32_t, 3> bootloader_offsets{0x1000, 0x0, 0x2000};

bool is_erased(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

bool is_table(ByteView bytes) {
    return bytes.size() >= 2 && bytes[0] == 0xAA && bytes[1] == 0x50;
}

bool is_text(ByteView bytes) {
    const std::string_view text = as_text(bytes);
    return image::is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t';
           });
}

bool has_utf16_mark(ByteView bytes) {
    return bytes.size() >= 2 &&
           ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF));
}

PartitionTable::Options table_options(const InspectOptions& options) {
    PartitionTable::Options result;
    result.table_offset = options.table_offset.value_or(usual_table_offset);
    result.primary_bootloader_offset = options.primary_bootloader_offset;
    result.md5 = false;
    return result;
}

Result<TableFound> read_table(ByteView bytes, const PartitionTable::Options& options) {
    TableFound found;
    IMPRINT_TRY(found.table, PartitionTable::parse_binary(bytes));
    if (auto verdict = found.table.verify(options); !verdict)
        found.problem = verdict.error().describe();
    return found;
}

Finding read_app(ByteView bytes) {
    auto image = image::parse_app_image(bytes);
    if (!image) return {bytes.size(), Damaged{std::move(image).error()}};
    return {bytes.size(), AppFound{*std::move(image)}};
}

Finding read_spiffs(ByteView bytes) {
    const auto geometry = image::spiffs::detect(bytes);
    if (!geometry) return {bytes.size(), Damaged{geometry.error()}};
    auto contents = image::spiffs::read(bytes, *geometry);
    if (!contents) return {bytes.size(), Damaged{std::move(contents).error()}};
    return {bytes.size(), SpiffsFound{*std::move(contents)}};
}

Finding read_other(ByteView bytes) {
    std::size_t used = bytes.size();
    while (used > 0 && bytes[used - 1] == 0xFF)
        --used;
    return {bytes.size(), OtherData{used}};
}

Finding read_partition(ByteView flash, const Partition& partition) {
    const std::uint64_t end = std::uint64_t{partition.offset} + partition.size;
    if (end > flash.size())
        return {0, NotThere{end - std::max<std::uint64_t>(flash.size(), partition.offset)}};
    const ByteView bytes = flash.subspan(partition.offset, partition.size);
    if (is_erased(bytes)) return {bytes.size(), Erased{}};
    if (partition.is_app() || (bytes[0] == app_magic && partition.type == 2))
        return read_app(bytes);
    if (partition.is_spiffs()) return read_spiffs(bytes);
    return read_other(bytes);
}

// A table that is part of something larger is believed only when it has its end and its MD5.
std::optional<std::uint32_t> find_table(ByteView flash, const InspectOptions& options) {
    const auto stands_at = [&](std::uint32_t offset) {
        return flash.size() >= std::size_t{offset} + sector && is_table(flash.subspan(offset)) &&
               PartitionTable::parse_binary(flash.subspan(offset));
    };
    if (options.table_offset)
        return stands_at(*options.table_offset) ? options.table_offset : std::nullopt;
    if (stands_at(usual_table_offset)) return usual_table_offset;
    for (std::uint32_t offset = sector; offset <= highest_table_offset; offset += sector)
        if (stands_at(offset)) return offset;
    return std::nullopt;
}

Result<FlashFound> read_flash(ByteView flash, std::uint32_t table_offset,
                              const InspectOptions& options) {
    FlashFound found;
    found.size = flash.size();
    found.table_offset = table_offset;
    PartitionTable::Options rules = table_options(options);
    rules.table_offset = table_offset;
    IMPRINT_TRY(found.table, read_table(flash.subspan(table_offset), rules));
    for (const std::uint32_t offset : bootloader_offsets) {
        if (offset >= table_offset || flash[offset] != app_magic) continue;
        const std::uint32_t size = table_offset - offset;
        found.parts.push_back(
            {"bootloader", "", offset, size, read_app(flash.subspan(offset, size))});
        break;
    }
    for (const Partition& partition : found.table.table.partitions())
        found.parts.push_back({partition.name,
                               image::type_name(partition.type) + " " +
                                   image::subtype_name(partition.type, partition.subtype),
                               partition.offset, partition.size, read_partition(flash, partition)});
    std::ranges::sort(found.parts, [](const FlashPart& a, const FlashPart& b) {
        return std::tie(a.offset, a.name) < std::tie(b.offset, b.name);
    });
    return found;
}

Result<Finding> read_csv(ByteView bytes, const InspectOptions& options) {
    IMPRINT_TRY(PartitionTable table, PartitionTable::parse(bytes, table_options(options)));
    return Finding{bytes.size(), TableFound{std::move(table), true, {}}};
}

Result<Finding> or_error(Finding finding) {
    if (auto* damaged = std::get_if<Damaged>(&finding.what))
        return std::unexpected(std::move(damaged->error));
    return finding;
}

Result<Finding> recognise_one(ByteView bytes, const InspectOptions& options) {
    if (bytes.empty()) return fail(ErrorKind::config, "image_unknown", "the file is empty");
    if (is_erased(bytes)) return Finding{bytes.size(), Erased{}};
    if (is_table(bytes)) {
        IMPRINT_TRY(TableFound table, read_table(bytes, table_options(options)));
        return Finding{bytes.size(), std::move(table)};
    }
    if (bytes[0] == app_magic) {
        Finding app = read_app(bytes);
        const bool damaged = std::holds_alternative<Damaged>(app.what);
        // A SPIFFS image may start with the same byte: it is the number of a file.
        if (!damaged || !image::spiffs::detect(bytes)) return or_error(std::move(app));
    }
    if (image::spiffs::detect(bytes)) return or_error(read_spiffs(bytes));
    if (is_text(bytes) || has_utf16_mark(bytes)) return read_csv(bytes, options);
    return fail(ErrorKind::config, "image_unknown",
                fmt::format("the {} bytes are no partition table, app, bootloader or SPIFFS image, "
                            "and hold no partition table as a whole flash would",
                            bytes.size()));
}

}  // namespace

Result<std::variant<Finding, FlashFound>> recognise(ByteView bytes, const InspectOptions& options) {
    if (!is_table(bytes))
        if (const auto offset = find_table(bytes, options)) {
            IMPRINT_TRY(FlashFound flash, read_flash(bytes, *offset, options));
            return flash;
        }
    IMPRINT_TRY(Finding finding, recognise_one(bytes, options));
    return finding;
}

std::string chip_name(std::uint16_t chip_id) {
    struct Row {
        std::uint16_t id;
        std::string_view name;
    };

    static constexpr std::array<Row, 13> rows{{{0x00, "ESP32"},
                                               {0x02, "ESP32-S2"},
                                               {0x05, "ESP32-C3"},
                                               {0x09, "ESP32-S3"},
                                               {0x0C, "ESP32-C2"},
                                               {0x0D, "ESP32-C6"},
                                               {0x10, "ESP32-H2"},
                                               {0x12, "ESP32-P4"},
                                               {0x14, "ESP32-C61"},
                                               {0x17, "ESP32-C5"},
                                               {0x19, "ESP32-H21"},
                                               {0x1C, "ESP32-H4"},
                                               {0x20, "ESP32-S31"}}};
    for (const Row& row : rows)
        if (row.id == chip_id) return std::string(row.name);
    return fmt::format("chip {}", chip_id);
}

std::string flash_mode_name(std::uint8_t mode) {
    static constexpr std::array<std::string_view, 6> names{"qio",  "qout",      "dio",
                                                           "dout", "fast read", "slow read"};
    return mode < names.size() ? std::string(names[mode]) : fmt::format("mode {}", mode);
}

std::string flash_clock_name(std::uint8_t code) {
    if (code == 0xF) return "full clock";
    return code <= 2 ? fmt::format("clock / {}", code + 2) : fmt::format("clock code {}", code);
}

std::string flash_size_name(std::uint8_t code) {
    return code <= 7 ? fmt::format("{} MB", 1U << code) : fmt::format("size code {}", code);
}

std::string_view image_kind(const image::AppImage& image) {
    if (image.description) return "app";
    return image.bootloader ? "bootloader" : "app or bootloader";
}

}  // namespace imprint::image_tool
