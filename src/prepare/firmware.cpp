#include "prepare/firmware.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <utility>

#include "base/digest.h"
#include "flash_files/build_folder.h"
#include "image_tool/commands.h"
#include "loader/boot_images.h"
#include "prepare/secured_build.h"
#include "prepare/source.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;
using flash_files::FileFacts;
using flash_files::FileList;

Result<FileList> read_list(const FirmwareSettings& settings) {
    FileList list;
    list.whole = true;
    for (const auto& [place, path] : settings.files) {
        IMPRINT_TRY(const std::uint32_t offset, image_tool::parse_size(place));
        list.files.push_back({offset, settings.directory / path});
    }
    auto completed = flash_files::completed_list(std::move(list));
    if (!completed) return with_context(std::move(completed).error(), "firmware.files");
    return completed;
}

Result<FileList> read_build(const FirmwareSettings& settings) {
    if (!settings.files.empty()) return read_list(settings);
    const fs::path path = settings.directory / settings.artifacts;
    auto list = flash_files::read_any_build(path);
    if (!list && list.error().is_any(
                     {"file_missing", "file_not_regular", "file_too_large", "file_unreadable"})) {
        const fs::path likely = flash_files::likely_build(settings.directory);
        return fail(ErrorKind::config, "firmware_missing",
                    fmt::format("there is no built firmware: {}", list.error().message),
                    likely.empty() || likely == settings.artifacts
                        ? "build it (set firmware.build), or correct firmware.directory and "
                          "firmware.artifacts"
                        : fmt::format("there is a build in {}: set firmware.artifacts = \"{}\"",
                                      (settings.directory / likely).string(), likely.string()));
    }
    if (list && list->chip == nullptr)
        return fail(ErrorKind::config, "flasher_args_damaged",
                    path.string() + " does not say for which chip it is",
                    "build the firmware again");
    return list;
}

// In full, unlike flash_files::FlashSet::table: what is wrong with it is told.
Result<image::PartitionTable> read_table(const FileList& list) {
    const auto file =
        std::ranges::find(list.files, list.table_offset, &flash_files::FlashFile::offset);
    if (file == list.files.end())
        return fail(ErrorKind::config, "firmware_missing",
                    fmt::format("the build names no partition table at {:#x}", list.table_offset),
                    "build the firmware again, or list the table among firmware.files");
    image::PartitionTable::Options options;
    options.table_offset = list.table_offset;
    if (list.flash_size.kind == flash_files::HeaderFlashSize::Kind::given)
        options.flash_size = list.flash_size.bytes;
    IMPRINT_TRY(const Bytes bytes, flash_files::read_flash_file(*file));
    auto table = image::PartitionTable::parse_binary(bytes);
    if (!table) return with_context(std::move(table).error(), "reading " + file->path.string());
    if (auto sound = table->verify(options); !sound)
        return with_context(std::move(sound).error(), "checking " + file->path.string());
    return table;
}

bool is_app_place(const image::PartitionTable& table, std::uint32_t offset) {
    return std::ranges::any_of(table.partitions(), [offset](const auto& partition) {
        return partition.is_app() && partition.offset == offset;
    });
}

std::string digest_of(const std::vector<FileFacts>& files) {
    std::string all;
    for (const auto& file : files)
        all += fmt::format("{:08x} {}\n", file.offset, file.sha256);
    return to_hex(sha256(as_bytes(all)));
}

std::string with_article(std::string_view title) {
    const bool is_vowel = std::string_view("aeiouN").contains(title.front());
    return fmt::format("{} {}", is_vowel ? "an" : "a", title);
}

// Partitions of the right kind that are something else's unless they are named.
std::string but_those_set_aside(const image::PartitionTable& table, const FormatRow& format) {
    std::string text;
    for (const auto& partition : table.partitions())
        if (format.accepts(partition))
            text += fmt::format("{}\"{}\"", text.empty() ? " beside " : " and ", partition.name);
    return text;
}

}  // namespace

Result<image::Partition> find_credential_partition(const image::PartitionTable& table,
                                                   const CredentialSettings& settings) {
    const FormatRow& format = row_of(settings.format);
    const std::string& name = settings.partition;
    std::vector<const image::Partition*> candidates;
    std::vector<std::string> names;
    for (const auto& partition : table.partitions()) {
        names.push_back(partition.name);
        if (name.empty() ? format.is_meant(partition) : partition.name == name)
            candidates.push_back(&partition);
    }
    if (candidates.size() == 1) {
        const image::Partition& found = *candidates.front();
        if (!format.accepts(found))
            return fail(ErrorKind::config, "credential_partition",
                        fmt::format("partition \"{}\" is {}/{}, not {}", found.name,
                                    image::type_name(found.type),
                                    image::subtype_name(found.type, found.subtype), format.kind),
                        fmt::format("name {} partition in credentials.partition, or correct "
                                    "credentials.format, which is \"{}\"",
                                    with_article(format.title), format.key));
        if (found.encrypted && !format.may_be_encrypted)
            return fail(ErrorKind::config, "credential_partition",
                        fmt::format("partition \"{}\" is marked encrypted, which {} cannot be",
                                    found.name, format.title),
                        "take the flag off the partition");
        return found;
    }
    if (candidates.empty())
        return fail(ErrorKind::config, "credential_partition",
                    name.empty() ? fmt::format("the partition table has no {} partition{}; it has "
                                               "{}",
                                               format.title, but_those_set_aside(table, format),
                                               fmt::join(names, ", "))
                                 : fmt::format("there is no partition \"{}\"; there are {}", name,
                                               fmt::join(names, ", ")),
                    fmt::format("add one, such as `{}`, or correct credentials.{}", format.example,
                                name.empty() ? "format" : "partition"));
    return fail(ErrorKind::config, "credential_partition",
                fmt::format("the partition table has more than one {} partition", format.title),
                "say which one in credentials.partition");
}

Result<Firmware> load_firmware(const FirmwareSettings& settings,
                               const CredentialSettings& credentials) {
    IMPRINT_TRY(FileList list, read_build(settings));
    IMPRINT_TRY(const auto table, read_table(list));
    Firmware firmware;
    IMPRINT_TRY(firmware.credentials, find_credential_partition(table, credentials));
    const auto& own = firmware.credentials;
    const auto is_own = [&own](const flash_files::FlashFile& file) {
        return file.offset >= own.offset && file.offset < own.end();
    };
    for (const auto& file : list.files) {
        if (!is_own(file)) continue;
        IMPRINT_TRY(Bytes image, flash_files::read_flash_file(file));
        firmware.own_images.push_back({file.path, file.offset, std::move(image)});
    }
    std::erase_if(list.files, is_own);
    std::vector<std::string> secured = security_notes(list, settings, own);
    IMPRINT_TRY(static_cast<flash_files::FlashSet&>(firmware),
                flash_files::load_flash_set(std::move(list)));
    std::ranges::move(secured, std::back_inserter(firmware.notes));
    IMPRINT_CHECK(loader::check_bootloader(firmware.images, *firmware.chip));
    for (const auto& region : firmware.regions)
        if (firmware.app.version.empty() && is_app_place(table, region.offset()))
            firmware.app = built_app(region.content());
    firmware.commit = source_commit(settings.directory);
    if (!firmware.commit.empty()) {
        std::vector<fs::path> paths;
        for (const auto& file : firmware.files)
            paths.push_back(file.path);
        if (std::string stale = stale_build(settings.directory, paths); !stale.empty())
            firmware.notes.push_back(std::move(stale));
    }
    firmware.digest = digest_of(firmware.files);
    return firmware;
}

}  // namespace imprint::prepare
