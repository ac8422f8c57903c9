// What a table must hold for a device to boot with it. Source: verify() of gen_esp32part.py's
// PartitionTable and PartitionDefinition; where ours asks for more, docs/images.md says so.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "image/partition_names.h"
#include "image/partition_table.h"
#include "image/text.h"

namespace imprint::image {

namespace {

using Options = PartitionTable::Options;

constexpr std::size_t rows_with_md5 = 94;  // of 96: one for the MD5, one of FF as the end
constexpr std::uint32_t ota_data_size = 0x2000;
constexpr std::uint32_t nvs_writable_size = 0x3000;
constexpr std::uint32_t secure_v1_unit = 0x10000;
constexpr std::uint32_t sector = 0x1000;

std::unexpected<Error> invalid(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "partition_table_invalid", std::move(message), std::move(hint));
}

// What no binary table can express.
Result<void> check_writable(const std::vector<Partition>& partitions, const Options& options) {
    if (partitions.empty())
        return invalid("the partition table has no partitions: a device cannot boot with it");
    const std::size_t most = rows_with_md5 + (options.md5 ? 0 : 1);
    if (partitions.size() > most)
        return invalid(fmt::format("the partition table has {} partitions and at most {} fit{}",
                                   partitions.size(), most, options.md5 ? " beside the MD5" : ""));
    for (const Partition& partition : partitions) {
        if (partition.name.size() > longest_partition_name)
            return invalid(fmt::format("the name {} has {} bytes and an entry holds {}",
                                       in_quotes(partition.name), partition.name.size(),
                                       longest_partition_name));
        if (partition.size == 0)
            return invalid(fmt::format("partition {} has a size of 0", in_quotes(partition.name)));
        const std::uint64_t end = std::uint64_t{partition.offset} + partition.size;
        if (end > std::numeric_limits<std::uint32_t>::max())
            return invalid(fmt::format("partition {} ends at 0x{:X}, beyond 32 bits",
                                       in_quotes(partition.name), end));
    }
    return {};
}

Result<void> check_partition(const Partition& partition, const Options& options) {
    const std::string name = in_quotes(partition.name);
    const std::uint32_t unit = offset_alignment(partition.type);
    if (partition.offset % unit != 0)
        return invalid(
            fmt::format("partition {} at 0x{:X} does not start at a multiple of 0x{:X}, "
                        "as one of type {} must",
                        name, partition.offset, unit, type_name(partition.type)),
            fmt::format("use 0x{:X}, or leave the offset empty", round_up(partition.offset, unit)));
    const std::uint32_t size_unit = options.secure_v1 ? secure_v1_unit : sector;
    if (partition.is_app() && partition.size % size_unit != 0)
        return invalid(fmt::format("the app partition {} of 0x{:X} bytes is no multiple of "
                                   "0x{:X}{}",
                                   name, partition.size, size_unit,
                                   options.secure_v1 ? ", as secure boot v1 needs it" : ""),
                       fmt::format("use 0x{:X}", round_up(partition.size, size_unit)));
    if (partition.type != type_data) return {};
    if (partition.readonly &&
        (partition.subtype == subtype_ota_data || partition.subtype == subtype_coredump))
        return invalid(
            fmt::format("partition {} ({}) is marked readonly, and the firmware must "
                        "write to it",
                        name, kind_of(partition)));
    if (partition.is_nvs() && !partition.readonly && partition.size < nvs_writable_size)
        return invalid(fmt::format("the NVS partition {} of 0x{:X} bytes is too small to be "
                                   "written: that takes 0x{:X}",
                                   name, partition.size, nvs_writable_size),
                       "enlarge it, or mark it readonly");
    return {};
}

Result<void> check_names(const std::vector<Partition>& partitions) {
    std::set<std::string_view> names;
    for (const Partition& partition : partitions)
        if (!names.insert(partition.name).second)
            return invalid(
                fmt::format("two partitions have the name {}: the firmware would find "
                            "only the first",
                            in_quotes(partition.name)));
    return {};
}

Result<void> check_overlap(const std::vector<Partition>& partitions, const Options& options) {
    std::vector<const Partition*> order;
    for (const Partition& partition : partitions)
        order.push_back(&partition);
    // All in one vector: their addresses keep the order of the table where offsets are the same.
    std::ranges::sort(order, [](const Partition* a, const Partition* b) {
        return a->offset != b->offset ? a->offset < b->offset : a < b;
    });
    const std::uint64_t first = std::uint64_t{options.table_offset} + PartitionTable::sector_size;
    const Partition* before = nullptr;
    for (const Partition* partition : order) {
        if (partition->offset < first && !is_primary(partition->type, partition->subtype))
            return invalid(
                fmt::format("partition {} at 0x{:X} lies below 0x{:X}, where the "
                            "partition table ends",
                            in_quotes(partition->name), partition->offset, first));
        if (before != nullptr && partition->offset < before->end())
            return invalid(
                fmt::format("partition {} (0x{:X} to 0x{:X}) overlaps partition {} "
                            "(0x{:X} to 0x{:X})",
                            in_quotes(partition->name), partition->offset, partition->end() - 1,
                            in_quotes(before->name), before->offset, before->end() - 1));
        before = partition;
    }
    return {};
}

Result<void> check_ota_data(const std::vector<Partition>& partitions, std::uint8_t subtype) {
    const Partition* found = nullptr;
    for (const Partition& partition : partitions) {
        if (partition.type != type_data || partition.subtype != subtype) continue;
        if (found != nullptr)
            return invalid(fmt::format("{} and {} are both of data {}, and there may be one",
                                       in_quotes(found->name), in_quotes(partition.name),
                                       subtype_name(type_data, subtype)));
        found = &partition;
    }
    if (found != nullptr && found->size != ota_data_size)
        return invalid(fmt::format("partition {} of data {} has 0x{:X} bytes and must have 0x{:X}",
                                   in_quotes(found->name), subtype_name(type_data, subtype),
                                   found->size, ota_data_size));
    return {};
}

}  // namespace

Result<void> PartitionTable::verify(const Options& options) const {
    IMPRINT_CHECK(check_writable(partitions_, options));
    if (options.verify) {
        for (const Partition& partition : partitions_)
            IMPRINT_CHECK(check_partition(partition, options));
        IMPRINT_CHECK(check_names(partitions_));
        IMPRINT_CHECK(check_overlap(partitions_, options));
        IMPRINT_CHECK(check_ota_data(partitions_, subtype_ota_data));
        IMPRINT_CHECK(check_ota_data(partitions_, subtype_tee_ota_data));
    }
    if (options.flash_size && flash_size_needed() > *options.flash_size)
        return invalid(fmt::format("the partitions end at 0x{:X} ({:.1f} MB) and the flash has "
                                   "0x{:X} ({:.1f} MB)",
                                   flash_size_needed(), flash_size_needed() / 1048576.0,
                                   *options.flash_size, *options.flash_size / 1048576.0),
                       "make partitions smaller, or correct the flash size");
    return {};
}

std::vector<std::string> PartitionTable::warnings() const {
    std::vector<std::string> warnings = csv_warnings_;
    for (const Partition& partition : partitions_) {
        const std::string name = in_quotes(partition.name);
        const auto type = type_by_name(partition.name);
        if (type && type_name(*type) == partition.name && *type != partition.type)
            warnings.push_back(fmt::format("partition {} is named for a type and is of another, {}",
                                           name, type_name(partition.type)));
        if (is_subtype_name(partition.name) &&
            subtype_name(partition.type, partition.subtype) != partition.name)
            warnings.push_back(fmt::format("partition {} is named for a subtype and is {}", name,
                                           kind_of(partition)));
        if (partition.subtype == subtype_any)
            warnings.push_back(
                fmt::format("partition {} has subtype 0xFF, which means \"any\" to the firmware: "
                            "it is found by its name alone",
                            name));
        if (partition.other_flags != 0)
            warnings.push_back(
                fmt::format("partition {} has flags 0x{:X} that are not known: is "
                            "the table of a newer format?",
                            name, partition.other_flags));
        if (partition.readonly && partition.type != type_data)
            warnings.push_back(
                fmt::format("partition {} is marked readonly, which counts for data "
                            "partitions alone",
                            name));
        if (partition.is_spiffs() && partition.encrypted)
            warnings.push_back(
                fmt::format("partition {} is marked encrypted, and SPIFFS refuses "
                            "to mount such a one",
                            name));
        if (partition.size % sector != 0 && !partition.is_app())
            warnings.push_back(
                fmt::format("partition {} of 0x{:X} bytes is no whole number of "
                            "flash sectors of 0x{:X}",
                            name, partition.size, sector));
    }
    return warnings;
}

const Partition* PartitionTable::find(std::string_view name) const {
    const auto found = std::ranges::find(partitions_, name, &Partition::name);
    return found == partitions_.end() ? nullptr : &*found;
}

std::uint32_t PartitionTable::flash_size_needed() const {
    std::uint64_t end = 0;
    for (const Partition& partition : partitions_)
        end = std::max(end, std::uint64_t{partition.offset} + partition.size);
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(end, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace imprint::image
