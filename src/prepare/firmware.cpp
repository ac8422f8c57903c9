#include "prepare/firmware.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "base/digest.h"
#include "base/files.h"
#include "image/app_image.h"
#include "prepare/build_files.h"
#include "prepare/firmware_checks.h"
#include "prepare/flasher_args.h"
#include "prepare/source.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t sector = 4096;

Result<FlasherArgs> read_build(const fs::path& artifacts) {
    const fs::path path = artifacts / "flasher_args.json";
    auto args = read_flasher_args(path);
    if (!args && args.error().code != "flasher_args_damaged")
        return fail(ErrorKind::config, "firmware_missing",
                    fmt::format("there is no built firmware: {}", args.error().message),
                    "build it (set firmware.build), or correct firmware.directory and "
                    "firmware.artifacts");
    if (args && args->chip.empty())
        return fail(ErrorKind::config, "flasher_args_damaged",
                    path.string() + " does not say for which chip it is",
                    "build the firmware again");
    return args;
}

Result<void> check_image(ByteView content, const loader::Chip& chip) {
    IMPRINT_TRY(const image::AppImage app, image::parse_app_image(content));
    if (app.chip_id == chip.id) return {};
    const loader::Chip* made_for = loader::chip_by_id(app.chip_id);
    return fail(ErrorKind::config, "firmware_wrong_chip",
                fmt::format("the file is for {}, the firmware for {}",
                            made_for != nullptr ? std::string(made_for->name)
                                                : fmt::format("chip id {}", app.chip_id),
                            chip.name),
                "build all of it for the same chip");
}

// Where a file may lie: the bootloader below the table, the table itself, or inside one partition.
Result<void> check_place(const image::PartitionTable& table, std::uint32_t table_offset,
                         std::uint32_t offset, ByteView content, const loader::Chip& chip) {
    const std::uint64_t end = static_cast<std::uint64_t>(offset) + content.size();
    if (offset == table_offset) return {};
    if (offset < table_offset) {
        if (end > table_offset)
            return fail(ErrorKind::config, "firmware_does_not_fit",
                        fmt::format("it ends at {:#x}, behind the partition table's start at {:#x}",
                                    end, table_offset),
                        "move the partition table up (CONFIG_PARTITION_TABLE_OFFSET)");
        return offset == chip.bootloader_offset ? check_image(content, chip) : Result<void>{};
    }
    const auto& partitions = table.partitions();
    const auto found =
        std::ranges::find_if(partitions, [offset](const image::Partition& partition) {
            return offset >= partition.offset && offset < partition.end();
        });
    if (found == partitions.end())
        return fail(ErrorKind::config, "firmware_does_not_fit",
                    fmt::format("no partition holds {:#x}", offset),
                    "add a partition for it to the partition table");
    if (end > found->end())
        return fail(ErrorKind::config, "firmware_does_not_fit",
                    fmt::format("it has {} bytes, partition \"{}\" leaves it {}", content.size(),
                                found->name, found->end() - offset),
                    "make the partition larger or the file smaller");
    return found->is_app() && offset == found->offset ? check_image(content, chip) : Result<void>{};
}

bool is_app_place(const image::PartitionTable& table, std::uint32_t offset) {
    return std::ranges::any_of(table.partitions(), [offset](const auto& partition) {
        return partition.is_app() && partition.offset == offset;
    });
}

std::string digest_of(const std::vector<FirmwareFile>& files) {
    std::string all;
    for (const auto& file : files)
        all += fmt::format("{:08x} {}\n", file.offset, file.sha256);
    return to_hex(sha256(as_bytes(all)));
}

}  // namespace

Result<image::Partition> find_credential_partition(const image::PartitionTable& table,
                                                   const std::string& name) {
    std::vector<const image::Partition*> candidates;
    std::vector<std::string> names;
    for (const auto& partition : table.partitions()) {
        names.push_back(partition.name);
        if (name.empty() ? partition.is_spiffs() : partition.name == name)
            candidates.push_back(&partition);
    }
    if (candidates.size() == 1) {
        const image::Partition& found = *candidates.front();
        if (!found.is_spiffs())
            return fail(ErrorKind::config, "credential_partition",
                        fmt::format("partition \"{}\" is {}/{}, not data/spiffs", found.name,
                                    image::type_name(found.type),
                                    image::subtype_name(found.type, found.subtype)),
                        "name a SPIFFS partition in credentials.partition");
        if (found.encrypted)
            return fail(ErrorKind::config, "credential_partition",
                        fmt::format("partition \"{}\" is marked encrypted, which SPIFFS cannot be",
                                    found.name),
                        "take the flag off the partition");
        return found;
    }
    if (candidates.empty())
        return fail(ErrorKind::config, "credential_partition",
                    name.empty()
                        ? fmt::format("the partition table has no SPIFFS partition; it has {}",
                                      fmt::join(names, ", "))
                        : fmt::format("there is no partition \"{}\"; there are {}", name,
                                      fmt::join(names, ", ")),
                    "add one, such as `storage, data, spiffs, , 0xF0000`, or correct "
                    "credentials.partition");
    return fail(ErrorKind::config, "credential_partition",
                "the partition table has more than one SPIFFS partition",
                "say which one in credentials.partition");
}

Result<Firmware> load_firmware(const FirmwareSettings& settings,
                               const std::string& credential_partition) {
    const fs::path artifacts = settings.directory / settings.artifacts;
    IMPRINT_TRY(const FlasherArgs args, read_build(artifacts));
    Firmware firmware;
    firmware.chip = loader::chip_by_key(args.chip);
    if (firmware.chip == nullptr)
        return fail(ErrorKind::config, "firmware_wrong_chip",
                    fmt::format("the firmware is for \"{}\", a chip that Imprint does not know",
                                args.chip));

    const std::uint32_t table_offset = args.table_offset.value_or(0x8000);
    firmware.table_offset = table_offset;
    const auto table_file = std::ranges::find(args.files, table_offset, &FlasherFile::offset);
    if (table_file == args.files.end())
        return fail(
            ErrorKind::config, "firmware_missing",
            fmt::format("flasher_args.json names no partition table at {:#x}", table_offset),
            "build the firmware again");
    image::PartitionTable::Options options;
    options.table_offset = table_offset;
    if (args.flash_size.kind == HeaderFlashSize::Kind::given)
        options.flash_size = args.flash_size.bytes;
    {
        IMPRINT_TRY(const fs::path table_path, build_file(artifacts, table_file->name));
        IMPRINT_TRY(const Bytes bytes, read_file(table_path));
        auto table = image::PartitionTable::parse(bytes, options);
        if (!table) return within(std::move(table).error(), "reading " + table_file->name);
        firmware.table = std::move(*table);
        if (auto sound = firmware.table.verify(options); !sound)
            return within(std::move(sound).error(), "checking " + table_file->name);
    }
    IMPRINT_TRY(firmware.credentials,
                find_credential_partition(firmware.table, credential_partition));
    firmware.flash_size = std::max(args.flash_size.bytes, firmware.table.flash_size_needed());

    std::uint64_t taken = 0;
    std::string before;
    for (const auto& [offset, name, encrypted] : args.files) {
        IMPRINT_TRY(const fs::path path, build_file(artifacts, name));
        const auto& own = firmware.credentials;
        if (offset >= own.offset && offset < own.end()) {
            IMPRINT_TRY(Bytes image, read_file(path, file_limit::flash_image));
            firmware.own_images.push_back({path, offset, std::move(image)});
            continue;
        }
        IMPRINT_TRY(Bytes content, read_file(path, file_limit::flash_image));
        const std::string context = fmt::format("{} for {:#x}", path.string(), offset);
        if (content.empty())
            return within(Error{ErrorKind::config,
                                "firmware_missing",
                                "the file is empty",
                                "build the firmware again",
                                {}},
                          context);
        if (auto placed =
                check_place(firmware.table, table_offset, offset, content, *firmware.chip);
            !placed)
            return within(std::move(placed).error(), context);
        if (offset % sector != 0 || offset < taken)
            return fail(
                ErrorKind::config, "firmware_overlap",
                offset < taken
                    ? fmt::format("{} shares a flash sector with {}", context, before)
                    : fmt::format("{} does not start on a {}-byte flash sector", context, sector),
                "give each file its own sectors");
        taken = round_up(offset + content.size(), sector);
        before = name;
        firmware.files.push_back(
            {path, offset, static_cast<std::uint32_t>(content.size()), to_hex(sha256(content))});
        if (firmware.app.version.empty() && is_app_place(firmware.table, offset))
            firmware.app = built_app(content);
        firmware.regions.emplace_back(path.filename().string(), offset, std::move(content));
    }
    IMPRINT_CHECK(check_images(firmware, args.flash_size));
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
