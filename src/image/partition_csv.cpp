// The table as people write it. Rules: gen_esp32part.py, PartitionTable.from_csv and
// PartitionDefinition.from_csv; docs/en/api-guides/partition-tables.rst.
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "base/text.h"
#include "image/number.h"
#include "image/partition_csv_line.h"
#include "image/partition_names.h"
#include "image/partition_table.h"
#include "image/text.h"

namespace imprint::image {

namespace {

using Options = PartitionTable::Options;

constexpr std::uint32_t highest_type = 0xFE;  // 0xFF means "any" to the firmware
constexpr std::uint32_t highest_subtype = 0xFF;

struct Row {
    std::size_t line = 0;
    Partition partition;
    std::optional<std::int64_t> offset;  // none: behind the one before
    std::int64_t size = 0;               // below 0: up to that address
};

std::unexpected<Error> invalid(const Row& row, std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "partition_table_invalid",
                fmt::format("line {}: {}", row.line, message), std::move(hint));
}

Result<std::uint8_t> small_number(const std::string& text, std::uint32_t highest, std::size_t line,
                                  std::string_view field, const std::string& known) {
    const auto number = parse_integer(text);
    if (!number)
        return bad_field(
            line, field, fmt::format("{} is neither a number nor known", in_quotes(text)),
            known.empty()
                ? fmt::format("give a number from 0 to 0x{:X}", highest)
                : fmt::format("known are {}, and numbers from 0 to 0x{:X}", known, highest));
    if (*number < 0 || *number > highest)
        return bad_field(line, field, fmt::format("{} is not from 0 to 0x{:X}", text, highest));
    return static_cast<std::uint8_t>(*number);
}

Result<std::uint8_t> parse_type(const std::string& text, std::size_t line) {
    if (text.empty())
        return bad_field(line, "type", "it is empty",
                         fmt::format("known are {}, and numbers from 0 to 0xFE", known_types()));
    if (const auto type = type_by_name(text)) return *type;
    return small_number(text, highest_type, line, "type", known_types());
}

Result<std::uint8_t> parse_subtype(const std::string& text, std::uint8_t type, std::size_t line,
                                   const Options& options) {
    const std::string known = known_subtypes(type, options.extra_subtypes);
    if (text.empty()) {
        if (type != type_app && type != type_bootloader && type != type_partition_table)
            return subtype_undefined;
        return bad_field(
            line, "subtype",
            fmt::format("it is empty, and a partition of type {} needs one", type_name(type)),
            fmt::format("known are {}", known));
    }
    if (const auto subtype = subtype_by_name(type, text, options.extra_subtypes)) return *subtype;
    return small_number(text, highest_subtype, line, "subtype", known);
}

Result<void> parse_flags(const std::string& text, std::size_t line, Partition& partition) {
    for (std::string_view rest = text;;) {
        const std::size_t colon = rest.find(':');
        const std::string flag = lower_case(trimmed(rest.substr(0, colon)));
        if (flag == "encrypted")
            partition.encrypted = true;
        else if (flag == "readonly")
            partition.readonly = true;
        else if (!flag.empty())
            return bad_field(line, "flags", fmt::format("{} is not known", in_quotes(flag)),
                             "known are encrypted and readonly, with a colon between them");
        if (colon == std::string_view::npos) return {};
        rest.remove_prefix(colon + 1);
    }
}

bool is_left_out(std::string_view text) {
    return text.empty() || lower_case(text) == "n/a";
}

// Bootloader and table have their place and size from the configuration; what a row says of them is
// for people.
struct Given {
    std::optional<std::uint32_t> offset;
    std::optional<std::uint32_t> size;
};

Result<Given> given_place(const Partition& partition, std::size_t line, const Options& options) {
    Given given;
    if (partition.type == type_partition_table) {
        given.size = PartitionTable::sector_size;
        if (partition.subtype == subtype_primary) given.offset = options.table_offset;
    }
    if (partition.type != type_bootloader) return given;
    if (!options.primary_bootloader_offset)
        return bad_field(line, "type", "where the bootloader lies is not said",
                         "give --primary-bootloader-offset");
    if (*options.primary_bootloader_offset >= options.table_offset)
        return bad_field(line, "type",
                         fmt::format("the bootloader at 0x{:X} is not below the table at 0x{:X}",
                                     *options.primary_bootloader_offset, options.table_offset));
    given.size = options.table_offset - *options.primary_bootloader_offset;
    if (partition.subtype == subtype_primary) given.offset = options.primary_bootloader_offset;
    if (partition.subtype == subtype_recovery) {
        if (!options.recovery_bootloader_offset)
            return bad_field(line, "subtype", "where the recovery bootloader lies is not said",
                             "give --recovery-bootloader-offset");
        given.offset = options.recovery_bootloader_offset;
    }
    return given;
}

class CsvReader {
  public:
    explicit CsvReader(const Options& options) : options_(options) {}

    Result<void> add_line(std::string_view text, std::size_t line) {
        IMPRINT_TRY(const std::optional<CsvFields> fields, csv_fields(text, line, options_));
        if (!fields) return {};
        IMPRINT_TRY(Row row, parse_row(*fields, line));
        rows_.push_back(std::move(row));
        return {};
    }

    Result<std::vector<Partition>> place() {
        std::int64_t end = std::int64_t{options_.table_offset} + PartitionTable::sector_size;
        const Row* before = nullptr;
        std::vector<Partition> partitions;
        for (Row& row : rows_) {
            Partition& partition = row.partition;
            std::int64_t offset = row.offset.value_or(0);
            if (!is_primary(partition.type, partition.subtype)) {
                IMPRINT_TRY(offset, place_row(row, before, end));
                end = offset + row.size;
                before = &row;
            }
            partition.offset = static_cast<std::uint32_t>(offset);
            partition.size = static_cast<std::uint32_t>(row.size);
            partitions.push_back(partition);
        }
        return partitions;
    }

    [[nodiscard]] std::vector<std::string> warnings() && { return std::move(warnings_); }

  private:
    Result<Row> parse_row(const CsvFields& fields, std::size_t line) {
        Row row;
        row.line = line;
        Partition& partition = row.partition;
        partition.name = fields[0];
        if (partition.name.size() > longest_partition_name)
            return bad_field(
                line, "name",
                fmt::format("{} has {} bytes and an entry holds {}", in_quotes(partition.name),
                            partition.name.size(), longest_partition_name),
                partition.name.find(' ') == std::string::npos
                    ? "shorten it"
                    : "shorten it, or put a comma behind the name, where the type begins");
        if (partition.name.find('\0') != std::string::npos || !is_utf8(partition.name))
            return bad_field(line, "name",
                             fmt::format("{} is no UTF-8 text", in_quotes(partition.name)));
        if (const std::string unseen = unseen_character(partition.name); !unseen.empty())
            warnings_.push_back(fmt::format(
                "line {}, name: {} has {} in it, which nobody sees: the firmware finds it by no "
                "name without it",
                line, in_quotes(partition.name), unseen));
        IMPRINT_TRY(partition.type, parse_type(fields[1], line));
        IMPRINT_TRY(partition.subtype, parse_subtype(fields[2], partition.type, line, options_));
        IMPRINT_CHECK(parse_place(fields[3], fields[4], row));
        IMPRINT_CHECK(parse_flags(fields[5], line, partition));
        return row;
    }

    Result<void> parse_place(const std::string& offset, const std::string& size, Row& row) {
        IMPRINT_TRY(const Given given, given_place(row.partition, row.line, options_));
        if (given.offset) {
            note_ignored(row, "offset", offset, *given.offset);
            row.offset = *given.offset;
        } else if (!offset.empty()) {
            const auto number = parse_integer(offset);
            if (!number || *number < 0)
                return bad_field(row.line, "offset",
                                 fmt::format("{} is no address", in_quotes(offset)),
                                 "leave it empty to follow the partition before, or give a number: "
                                 "0x10000, 65536, 64K");
            row.offset = number;
        }
        if (given.size) {
            note_ignored(row, "size", size, *given.size);
            row.size = *given.size;
            return {};
        }
        const auto number = parse_integer(size);
        if (!number || *number == 0)
            return bad_field(row.line, "size",
                             size.empty() ? std::string("it is empty")
                                          : fmt::format("{} is no size", in_quotes(size)),
                             "give a number above 0: 0x6000, 24576, 24K, 1M; or a negative one for "
                             "the address where the partition ends");
        row.size = *number;
        return {};
    }

    void note_ignored(const Row& row, std::string_view field, const std::string& text,
                      std::uint32_t value) {
        if (is_left_out(text) || parse_integer(text) == std::int64_t{value}) return;
        warnings_.push_back(
            fmt::format("line {}, {}: {} is not used, {} lies where the "
                        "configuration says: 0x{:X}",
                        row.line, field, in_quotes(text), in_quotes(row.partition.name), value));
    }

    // Gives where the partition starts; a size that was an end address becomes a size.
    Result<std::int64_t> place_row(Row& row, const Row* before, std::int64_t end) {
        const std::string name = in_quotes(row.partition.name);
        const std::int64_t offset = row.offset.value_or(static_cast<std::int64_t>(
            round_up(static_cast<std::uint64_t>(end), offset_alignment(row.partition.type))));
        if (offset < end && before == nullptr)
            return invalid(row,
                           fmt::format("partition {} at 0x{:X} overlaps the partition table, which "
                                       "takes 0x{:X} to 0x{:X}",
                                       name, offset, options_.table_offset, end - 1),
                           fmt::format("use 0x{:X} or higher, or leave the offset empty", end));
        if (offset < end)
            return invalid(row,
                           fmt::format("partition {} at 0x{:X} starts below 0x{:X}, where "
                                       "partition {} of the row above ends",
                                       name, offset, end, in_quotes(before->partition.name)),
                           "list partitions in the order of their place, or leave offsets empty");
        if (row.size < 0) {
            const std::int64_t until = -row.size;
            if (until <= offset)
                return invalid(row, fmt::format("partition {} should end at 0x{:X} and starts at "
                                                "0x{:X}",
                                                name, until, offset));
            row.size = until - offset;
        }
        if (offset + row.size > std::numeric_limits<std::uint32_t>::max())
            return invalid(row, fmt::format("partition {} ends at 0x{:X}, beyond 32 bits", name,
                                            offset + row.size));
        return offset;
    }

    const Options& options_;
    std::vector<Row> rows_;
    std::vector<std::string> warnings_;
};

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

}  // namespace

Result<PartitionTable> PartitionTable::parse_csv(std::string_view text, const Options& options) {
    if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
    CsvReader reader(options);
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        IMPRINT_CHECK(reader.add_line(text.substr(0, end), line));
        text.remove_prefix(end);
        if (text.starts_with("\r\n"))
            text.remove_prefix(2);
        else if (!text.empty())
            text.remove_prefix(1);
    }
    PartitionTable table;
    IMPRINT_TRY(table.partitions_, reader.place());
    table.csv_warnings_ = std::move(reader).warnings();
    IMPRINT_CHECK(table.verify(options));
    return table;
}

Result<PartitionTable> PartitionTable::parse_csv(std::string_view text) {
    return parse_csv(text, Options{});
}

Result<PartitionTable> PartitionTable::parse(ByteView bytes, const Options& options) {
    const auto starts_with = [&](std::initializer_list<std::uint8_t> start) {
        return bytes.size() >= start.size() &&
               std::equal(start.begin(), start.end(), bytes.begin());
    };
    if (starts_with({0xAA, 0x50})) {
        IMPRINT_TRY(PartitionTable table, parse_binary(bytes));
        IMPRINT_CHECK(table.verify(options));
        return table;
    }
    // What spreadsheets call "Unicode text".
    if (starts_with({0xFF, 0xFE}))
        return parse_csv(utf8_from_utf16(bytes.subspan(2), false), options);
    if (starts_with({0xFE, 0xFF}))
        return parse_csv(utf8_from_utf16(bytes.subspan(2), true), options);
    if (std::ranges::find(bytes, std::uint8_t{0}) != bytes.end())
        return fail(ErrorKind::config, "partition_table_damaged",
                    "this is no partition table: it neither starts with AA 50, as a binary one "
                    "does, nor is it text");
    return parse_csv(as_text(bytes), options);
}

std::string PartitionTable::to_csv(const std::vector<ExtraSubtype>& extra_subtypes) const {
    const auto size_text = [](std::uint32_t size) {
        constexpr std::uint32_t kilo = 1024;
        constexpr std::uint32_t mega = kilo * kilo;
        if (size % mega == 0) return fmt::format("{}M", size / mega);
        if (size % kilo == 0) return fmt::format("{}K", size / kilo);
        return fmt::format("0x{:x}", size);
    };
    std::string text = "# ESP-IDF Partition Table\n# Name, Type, SubType, Offset, Size, Flags\n";
    for (const Partition& partition : partitions_) {
        std::string flags = partition.encrypted ? "encrypted" : "";
        if (partition.readonly) flags += flags.empty() ? "readonly" : ":readonly";
        text += fmt::format("{},{},{},0x{:x},{},{}\n", partition.name, type_name(partition.type),
                            subtype_name(partition.type, partition.subtype, extra_subtypes),
                            partition.offset, size_text(partition.size), flags);
    }
    return text;
}

}  // namespace imprint::image
