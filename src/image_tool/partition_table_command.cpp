#include <cstdlib>
#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "image/partition_table.h"
#include "image/text.h"
#include "image_tool/commands.h"
#include "image_tool/output_folder.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using image::PartitionTable;

Result<PartitionTable::Options> options_of(const PartitionTableCommand& command) {
    if (command.primary_bootloader_offset && *command.primary_bootloader_offset >= command.offset)
        return fail(ErrorKind::usage, "bootloader_above_table",
                    fmt::format("the bootloader at 0x{:X} is not below the partition table at "
                                "0x{:X}",
                                *command.primary_bootloader_offset, command.offset),
                    "check --primary-bootloader-offset and --offset");
    PartitionTable::Options options;
    options.table_offset = command.offset;
    options.flash_size = command.flash_size;
    options.primary_bootloader_offset = command.primary_bootloader_offset;
    options.recovery_bootloader_offset = command.recovery_bootloader_offset;
    options.md5 = !command.disable_md5sum;
    options.secure_v1 = command.secure == Secure::v1;
    options.verify = !command.no_verify;
    options.variable = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    for (const std::string& text : command.extra_partition_subtypes) {
        IMPRINT_TRY(const image::ExtraSubtype extra, image::parse_extra_subtype(text));
        options.extra_subtypes.push_back(extra);
    }
    return options;
}

// A name in flash may hold what a CSV cannot say: a comma, a line break, blanks around it.
Result<void> check_names(const PartitionTable& table) {
    for (const auto& partition : table.partitions()) {
        const std::string& name = partition.name;
        const bool edges_blank = image::without_blanks(name).size() != name.size();
        if (edges_blank || name.starts_with('#') || name.find_first_of(",\r\n") != name.npos)
            return fail(
                ErrorKind::config, "partition_name_in_csv",
                fmt::format("the partition name {} has no place in a CSV", image::in_quotes(name)));
    }
    return {};
}

}  // namespace

Result<PartitionTableReport> convert_partition_table(const PartitionTableCommand& command) {
    IMPRINT_TRY(const PartitionTable::Options options, options_of(command));
    const bool from_stdin = command.input == "-";
    IMPRINT_TRY(const Bytes input, from_stdin ? read_standard_input() : read_file(command.input));
    PartitionTableReport report;
    report.to_csv = input.size() >= 2 && input[0] == 0xAA && input[1] == 0x50;
    auto table = PartitionTable::parse(input, options);
    if (!table)
        return with_context(std::move(table).error(),
                            from_stdin ? "standard input" : command.input.string());
    report.warnings = table->warnings();
    if (!command.quiet)
        report.notes.push_back(fmt::format("{} partitions read from {}, {}",
                                           table->partitions().size(),
                                           report.to_csv ? "a binary table" : "a CSV",
                                           command.no_verify ? "not verified" : "verified"));
    Bytes output;
    if (report.to_csv) {
        IMPRINT_CHECK(check_names(*table));
        const std::string csv = table->to_csv(options.extra_subtypes);
        append(output, as_bytes(csv));
    } else {
        output = table->to_binary(options.md5);
    }
    if (command.output == "-") {
        report.standard_output = std::move(output);
        return report;
    }
    IMPRINT_CHECK(make_parent(command.output));
    IMPRINT_CHECK(write_file(command.output, output, FileMode::ordinary, Durability::cached));
    return report;
}

}  // namespace imprint::image_tool
