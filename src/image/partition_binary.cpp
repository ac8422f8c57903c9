// The table as the device reads it: esp_partition_info_t of esp_flash_partitions.h, checked as
// esp_partition_table_verify in flash_partitions.c does.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

#include "base/digest.h"
#include "image/partition_names.h"
#include "image/partition_table.h"
#include "image/text.h"

namespace imprint::image {

namespace {

constexpr std::size_t row_size = 32;
constexpr std::array<std::uint8_t, 2> row_magic{0xAA, 0x50};
constexpr std::array<std::uint8_t, 2> md5_magic{0xEB, 0xEB};
constexpr std::size_t md5_at = 16;
constexpr std::size_t name_at = 12;
constexpr std::size_t name_size = 16;
constexpr std::size_t flags_at = 28;
constexpr std::uint32_t flag_encrypted = 1;
constexpr std::uint32_t flag_readonly = 2;

std::unexpected<Error> damaged_table(std::string message) {
    return fail(ErrorKind::config, "partition_table_damaged", std::move(message));
}

bool is_erased(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

bool starts_with(ByteView bytes, ByteView start) {
    return bytes.size() >= start.size() && std::ranges::equal(bytes.first(start.size()), start);
}

Result<Partition> read_row(ByteView row, std::size_t number) {
    Partition partition;
    partition.type = row[2];
    partition.subtype = row[3];
    partition.offset = get_u32(row, 4);
    partition.size = get_u32(row, 8);
    const std::string_view name = as_text(row.subspan(name_at, name_size));
    partition.name = name.substr(0, std::min(name.find('\0'), name.size()));
    if (!is_utf8(partition.name))
        return damaged_table(
            fmt::format("entry {} of the partition table has the name {}, which is no "
                        "UTF-8",
                        number, in_quotes(partition.name)));
    const std::uint32_t flags = get_u32(row, flags_at);
    partition.encrypted = (flags & flag_encrypted) != 0;
    partition.readonly = (flags & flag_readonly) != 0;
    partition.other_flags = flags & ~(flag_encrypted | flag_readonly);
    return partition;
}

}  // namespace

Result<PartitionTable> PartitionTable::parse_binary(ByteView bytes) {
    PartitionTable table;
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), binary_size));
    bool ended_by_md5 = false;
    for (std::size_t at = 0;; at += row_size) {
        const std::size_t number = at / row_size;
        if (bytes.size() - at < row_size)
            return damaged_table(
                fmt::format("the partition table has no end: after {} entries, {} bytes "
                            "in, no row of FF follows",
                            table.partitions_.size(), bytes.size()));
        const ByteView row = bytes.subspan(at, row_size);
        if (is_erased(row)) {
            if (table.partitions_.empty())
                return damaged_table("the partition table has no entries");
            return table;
        }
        if (ended_by_md5)
            return damaged_table(
                fmt::format("row {} of the partition table follows its MD5, where only "
                            "FF may",
                            number));
        if (starts_with(row, md5_magic)) {
            const Md5 computed = md5(bytes.first(at));
            const ByteView stored = row.subspan(md5_at);
            if (!std::ranges::equal(stored, computed))
                return damaged_table(fmt::format("the partition table has the MD5 {} and says {}",
                                                 to_hex(computed), to_hex(stored)));
            ended_by_md5 = true;
            continue;
        }
        if (!starts_with(row, row_magic))
            return damaged_table(
                fmt::format("row {} of the partition table starts with {}, not with {}", number,
                            to_hex(row.first(row_magic.size())), to_hex(row_magic)));
        IMPRINT_TRY(Partition partition, read_row(row, number));
        table.partitions_.push_back(std::move(partition));
    }
}

Bytes PartitionTable::to_binary(bool with_md5) const {
    Bytes bytes;
    bytes.reserve(binary_size);
    for (const Partition& partition : partitions_) {
        append(bytes, row_magic);
        bytes.push_back(partition.type);
        bytes.push_back(partition.subtype);
        append_u32(bytes, partition.offset);
        append_u32(bytes, partition.size);
        Bytes name(name_size, 0);
        std::ranges::copy(
            as_bytes(partition.name).first(std::min(partition.name.size(), name_size)),
            name.begin());
        append(bytes, name);
        append_u32(bytes, (partition.encrypted ? flag_encrypted : 0) |
                              (partition.readonly ? flag_readonly : 0) | partition.other_flags);
    }
    if (with_md5) {
        const Md5 digest = md5(bytes);
        append(bytes, md5_magic);
        bytes.resize(bytes.size() + md5_at - md5_magic.size(), 0xFF);
        append(bytes, digest);
    }
    if (bytes.size() >= binary_size) throw std::length_error("a partition table of too many rows");
    bytes.resize(binary_size, 0xFF);
    return bytes;
}

}  // namespace imprint::image
