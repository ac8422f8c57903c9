#include <fmt/format.h>
#include <memory>

#include "cli/commands.h"
#include "cli/output/text.h"
#include "image_tool/commands.h"
#include "image_tool/nvs_commands.h"

namespace imprint::cli {

namespace {

using namespace image_tool;

void warn(const Context& context, const std::vector<std::string>& warnings) {
    for (const auto& warning : warnings)
        context.log.warning("{}", warning);
}

// A number option that was given, or nothing.
Result<std::optional<std::uint32_t>> optional_size(const std::string& text) {
    if (text.empty()) return std::nullopt;
    IMPRINT_TRY(const std::uint32_t size, parse_size(text));
    return size;
}

struct SpiffsOptions {
    SpiffsCommand command;
    std::string image_size;
    std::string page_size = "256";
    std::string block_size = "4096";
    std::string obj_name_len = "32";
    std::string meta_len = "4";
};

Result<int> make_image(Context& context, const SpiffsOptions& options) {
    SpiffsCommand command = options.command;
    IMPRINT_TRY(command.image_size, parse_size(options.image_size));
    IMPRINT_TRY(command.page_size, parse_size(options.page_size));
    IMPRINT_TRY(command.block_size, parse_size(options.block_size));
    IMPRINT_TRY(command.obj_name_len, parse_size(options.obj_name_len));
    IMPRINT_TRY(command.meta_len, parse_size(options.meta_len));
    IMPRINT_TRY(const SpiffsReport report, make_spiffs(command));
    warn(context, report.warnings);
    const auto& usage = report.usage;
    context.show(
        events::ImageWritten{.path = command.output_file.string(),
                             .files = report.files,
                             .bytes = report.bytes,
                             .pages_used = usage.pages_used,
                             .pages_total = usage.pages_total,
                             .private_key = report.holds_private_key},
        fmt::format("{}: {} files, {} of content, {} of {} pages used{}\n",
                    command.output_file.string(), report.files, output::bytes_text(report.bytes),
                    usage.pages_used, usage.pages_total,
                    report.holds_private_key ? "; mode 0600, for the private key in it" : ""));
    return 0;
}

void add_spiffs(Command& group) {
    const auto options = std::make_shared<SpiffsOptions>();
    Command command =
        group.command("spiffs", "Make a SPIFFS image of a folder, with spiffsgen.py's arguments.",
                      "imprint image spiffs 0xF0000 credentials/ storage.bin");
    SpiffsCommand& spiffs = options->command;
    command.option({"IMAGE_SIZE", "SIZE", "size of the partition", true}, &options->image_size);
    command.option({"BASE_DIR", "DIR", "folder whose files go in", true}, &spiffs.base_dir);
    command.option({"OUTPUT_FILE", "FILE", "image to write", true}, &spiffs.output_file);
    command.option({"--page-size", "N", "bytes of a page (256)"}, &options->page_size);
    command.option({"--block-size", "N", "bytes of a block (4096)"}, &options->block_size);
    command.option({"--obj-name-len", "N", "longest path, with its ending NUL (32)"},
                   &options->obj_name_len);
    command.option({"--meta-len", "N", "bytes of metadata a file (4)"}, &options->meta_len);
    command.option({"--use-magic,!--no-magic", "", "mark each block as SPIFFS (on)"},
                   &spiffs.use_magic);
    command.option({"--use-magic-len,!--no-magic-len", "", "put the length into the mark (on)"},
                   &spiffs.use_magic_len);
    command.option({"--follow-symlinks", "", "go into folders behind links"},
                   &spiffs.follow_symlinks);
    command.option({"--big-endian", "", "for a big-endian device"}, &spiffs.big_endian);
    command.option({"--aligned-obj-ix-tables", "", "as CONFIG_SPIFFS_ALIGNED_OBJ_INDEX_TABLES"},
                   &spiffs.aligned_obj_ix_tables);
    command.option({"--read-only", "", "the device never writes: no room is kept free for it"},
                   &spiffs.read_only);
    command.common_options().act(
        [options](Context& context) { return make_image(context, *options); });
}

struct TableOptions {
    PartitionTableCommand command;
    std::string flash_size;
    std::string offset = "0x8000";
    std::string primary_bootloader_offset;
    std::string recovery_bootloader_offset;
    std::string secure;
    bool verify = false;
};

Result<int> convert_table(Context& context, const TableOptions& options) {
    PartitionTableCommand command = options.command;
    IMPRINT_TRY(command.flash_size, optional_size(options.flash_size));
    IMPRINT_TRY(command.offset, parse_size(options.offset));
    IMPRINT_TRY(command.primary_bootloader_offset,
                optional_size(options.primary_bootloader_offset));
    IMPRINT_TRY(command.recovery_bootloader_offset,
                optional_size(options.recovery_bootloader_offset));
    if (!options.secure.empty()) command.secure = options.secure == "v1" ? Secure::v1 : Secure::v2;
    IMPRINT_TRY(const PartitionTableReport report, convert_partition_table(command));
    warn(context, report.warnings);
    for (const auto& note : report.notes)
        context.log.info("{}", note);
    if (command.output == "-") {
        context.out.raw(as_text(report.standard_output));
        return 0;
    }
    context.show(events::ImageWritten{.path = command.output.string(), .csv = report.to_csv},
                 command.quiet ? "" : fmt::format("wrote {}\n", command.output.string()));
    return 0;
}

void add_partition_table(Command& group) {
    const auto options = std::make_shared<TableOptions>();
    Command command = group.command(
        "partition-table",
        "Turn a partition table from CSV to binary or back, with gen_esp32part.py's arguments.",
        "imprint image partition-table partitions.csv partition-table.bin\n"
        "imprint image partition-table build/partition_table/partition-table.bin");
    PartitionTableCommand& table = options->command;
    command.option({"INPUT", "FILE", "CSV or binary; - for standard input", true}, &table.input);
    command.option({"OUTPUT", "FILE", "the other of the two; standard output by default"},
                   &table.output);
    command.option({"--flash-size", "SIZE", "size that all partitions have to fit in: 4MB"},
                   &options->flash_size);
    command.option({"--disable-md5sum", "", "leave the table's MD5 out"}, &table.disable_md5sum);
    command.option({"--no-verify", "", "write what would not pass the checks"}, &table.no_verify);
    command.option({"--verify", "", "check the table, which is done without this, too"},
                   &options->verify);
    command.option({"-q,--quiet", "", "no notes"}, &table.quiet);
    command.option({"-o,--offset", "ADDRESS", "where the table lies in flash (0x8000)"},
                   &options->offset);
    command.option({"--primary-bootloader-offset", "ADDRESS", "of the bootloader"},
                   &options->primary_bootloader_offset);
    command.option({"--recovery-bootloader-offset", "ADDRESS", "of the recovery bootloader"},
                   &options->recovery_bootloader_offset);
    command.option({.names = "--secure",
                    .type = "VERSION",
                    .meaning = "apps as secure boot wants them: v1 (also without a version) or v2",
                    .choices = {"v1", "v2"},
                    .bare = "v1"},
                   &options->secure);
    command.option({.names = "--extra-partition-subtypes",
                    .type = "ENTRY",
                    .meaning = "a subtype of your own: \"data, my_log, 0x99\"; several up to --",
                    .until_mark = true},
                   &table.extra_partition_subtypes);
    command.common_options().act(
        [options](Context& context) { return convert_table(context, *options); });
}

struct FileOptions {
    std::filesystem::path file;
    std::filesystem::path directory;
    std::string partition;
    std::string table_offset;
    std::string bootloader_offset;
    std::filesystem::path nvs_keys;
};

Result<std::shared_ptr<const image::nvs::Keys>> nvs_keys_of(const FileOptions& options) {
    if (options.nvs_keys.empty()) return nullptr;
    IMPRINT_TRY(image::nvs::Keys keys, read_nvs_keys(options.nvs_keys));
    return std::make_shared<const image::nvs::Keys>(std::move(keys));
}

void add_nvs_keys(Command& command, FileOptions& options) {
    command.option({"--nvs-keys", "FILE", "keys of an encrypted NVS partition"}, &options.nvs_keys);
}

void add_inspect(Command& group) {
    const auto options = std::make_shared<FileOptions>();
    Command command = group.command(
        "inspect", "Say what a file is and what is in it: table, app, SPIFFS, NVS, a whole flash.",
        "imprint image inspect flash.bin\nimprint image inspect build/app.bin --json");
    command.option({"FILE", "FILE", "what to look at", true}, &options->file);
    command.option({"--table-offset", "ADDRESS", "of the partition table; looked for by default"},
                   &options->table_offset);
    command.option({"--primary-bootloader-offset", "ADDRESS", "for a CSV that names a bootloader"},
                   &options->bootloader_offset);
    add_nvs_keys(command, *options);
    command.common_options().act([options](Context& context) -> Result<int> {
        InspectOptions how;
        how.json = context.json;
        IMPRINT_TRY(how.nvs_keys, nvs_keys_of(*options));
        IMPRINT_TRY(how.table_offset, optional_size(options->table_offset));
        IMPRINT_TRY(how.primary_bootloader_offset, optional_size(options->bootloader_offset));
        IMPRINT_TRY(std::string text, inspect(options->file, how));
        if (!text.ends_with('\n')) text += '\n';
        context.out.raw(context.json ? text : output::printable(text));
        return 0;
    });
}

void add_unpack(Command& group) {
    const auto options = std::make_shared<FileOptions>();
    Command command = group.command(
        "unpack", "Write the files of a SPIFFS image, or the values of an NVS, to a folder.",
        "imprint image unpack storage.bin files/\n"
        "imprint image unpack flash.bin files/ --partition storage");
    command.option({"FILE", "FILE", "SPIFFS image, NVS partition, or a whole flash", true},
                   &options->file);
    command.option({"DIR", "DIR", "new or empty folder", true}, &options->directory);
    command.option({"--partition", "NAME", "which one, in a flash with several"},
                   &options->partition);
    command.option({"--table-offset", "ADDRESS", "of the partition table; looked for by default"},
                   &options->table_offset);
    add_nvs_keys(command, *options);
    command.common_options().act([options](Context& context) -> Result<int> {
        UnpackOptions how;
        how.partition = options->partition;
        IMPRINT_TRY(how.nvs_keys, nvs_keys_of(*options));
        IMPRINT_TRY(how.table_offset, optional_size(options->table_offset));
        IMPRINT_TRY(const UnpackReport report, unpack(options->file, options->directory, how));
        warn(context, report.warnings);
        std::string text;
        for (const auto& file : report.files)
            text += file + '\n';
        text += fmt::format(
            "{} files in {}{}\n", report.files.size(), options->directory.string(),
            report.holds_private_key ? " (mode 0700: there is a private key among them)" : "");
        context.show(events::ImageUnpacked{.path = options->directory.string(),
                                           .files = report.files,
                                           .private_key = report.holds_private_key},
                     text);
        return 0;
    });
}

}  // namespace

void add_image(Command& root) {
    Command group = root.command("image", "Partition tables, SPIFFS, NVS and app images as files.",
                                 "imprint image inspect build/partition_table/partition-table.bin");
    add_spiffs(group);
    add_image_nvs(group);
    add_partition_table(group);
    add_inspect(group);
    add_unpack(group);
}

}  // namespace imprint::cli
