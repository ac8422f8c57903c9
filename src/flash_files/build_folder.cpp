#include "flash_files/build_folder.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "flash_files/build_files.h"
#include "image/partition_table.h"
#include "image_tool/merged.h"

namespace imprint::flash_files {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t table_offset = 0x8000;  // of Arduino and, unless moved, of PlatformIO

std::unexpected<Error> missing(std::string message, std::string hint) {
    return fail(ErrorKind::config, "firmware_missing", std::move(message), std::move(hint));
}

bool is_there(const fs::path& path) {
    std::error_code none;
    return fs::is_regular_file(path, none);
}

// The files of a folder whose names end so, by name.
std::vector<fs::path> files_in(const fs::path& folder, std::string_view end) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), last; !error && entry != last;
         entry.increment(error))
        if (entry->path().filename().string().ends_with(end) && is_there(entry->path()))
            found.push_back(entry->path());
    std::ranges::sort(found);
    return found;
}

// The app goes where the bootloader starts one when nothing says otherwise.
const image::Partition* first_app(const image::PartitionTable& table) {
    constexpr std::uint8_t factory = 0x00;
    constexpr std::uint8_t ota_0 = 0x10;
    for (const std::uint8_t wanted : {factory, ota_0})
        for (const auto& partition : table.partitions())
            if (partition.is_app() && partition.subtype == wanted) return &partition;
    return nullptr;
}

// What Arduino and PlatformIO leave: three files, whose places are not written down.
struct Trio {
    std::string maker;  // "Arduino"
    fs::path app;
    fs::path bootloader;
    fs::path table;
    fs::path boot_app;  // boot_app0.bin, which says that the first app is to be started
};

Result<FileList> read_trio(const Trio& trio) {
    // A link out of the folder is refused here as in flasher_args.json.
    for (const fs::path& file : {trio.app, trio.bootloader, trio.table, trio.boot_app})
        IMPRINT_CHECK(build_file(file.parent_path(), file.filename().string()));
    for (const fs::path& file : {trio.bootloader, trio.table})
        if (!is_there(file))
            return missing(fmt::format("{} is there, and {} is not, which belongs to it",
                                       trio.app.string(), file.filename().string()),
                           fmt::format("copy all that {} left in its build folder", trio.maker));
    IMPRINT_TRY(const Bytes bytes, read_file(trio.table));
    auto table = image::PartitionTable::parse_binary(bytes);
    if (!table) return with_context(std::move(table).error(), "reading " + trio.table.string());
    const image::Partition* app = first_app(*table);
    if (app == nullptr)
        return missing(fmt::format("{} has no partition for {}", trio.table.string(),
                                   trio.app.filename().string()),
                       "add one of type app, subtype factory or ota_0");
    FileList list;
    list.whole = true;
    list.table_offset = table_offset;
    list.files = {{table_offset, trio.table}, {app->offset, trio.app}};
    IMPRINT_TRY(const std::uint32_t place, image_tool::bootloader_place(trio.bootloader));
    list.files.push_back({place, trio.bootloader});
    const auto ota = std::ranges::find_if(table->partitions(), [](const auto& partition) {
        return partition.type == 1 && partition.subtype == 0;
    });
    if (ota != table->partitions().end()) {
        if (is_there(trio.boot_app))
            list.files.push_back({ota->offset, trio.boot_app});
        else
            list.notes.push_back(fmt::format(
                "{} has no boot_app0.bin: a board that was updated over the air before may start "
                "the app that it has there",
                trio.app.parent_path().string()));
    }
    return completed_list(std::move(list));
}

std::optional<Trio> arduino(const fs::path& folder) {
    const auto apps = files_in(folder, ".ino.bin");
    if (apps.size() != 1) return std::nullopt;
    std::string stem = apps[0].string();
    stem.resize(stem.size() - 4);
    return Trio{"Arduino", apps[0], stem + ".bootloader.bin", stem + ".partitions.bin",
                folder / "boot_app0.bin"};
}

std::optional<Trio> platformio(const fs::path& folder) {
    if (!is_there(folder / "firmware.bin")) return std::nullopt;
    if (!is_there(folder / "bootloader.bin") && !is_there(folder / "partitions.bin"))
        return std::nullopt;
    return Trio{"PlatformIO", folder / "firmware.bin", folder / "bootloader.bin",
                folder / "partitions.bin", folder / "boot_app0.bin"};
}

Result<FileList> read_merged(const fs::path& file) {
    IMPRINT_TRY(const auto parts, image_tool::merged_parts(file));
    FileList list;
    list.whole = true;
    for (const auto& part : parts)
        list.files.push_back({part.offset, file, false, Slice{part.from, part.size, part.name}});
    return completed_list(std::move(list));
}

// PlatformIO builds ESP-IDF's flasher_args.json too, which names files as ESP-IDF names them.
Result<FileList> read_flasher_args_of(const fs::path& folder) {
    auto list = read_build(folder / "flasher_args.json");
    if (list || !list.error().is_any({"firmware_missing"})) return list;
    const auto trio = platformio(folder);
    if (!trio) return list;
    IMPRINT_TRY(FileList found, read_trio(*trio));
    found.notes.push_back(fmt::format("{} names files that are not there: PlatformIO's are taken",
                                      (folder / "flasher_args.json").string()));
    return found;
}

std::vector<fs::path> environments(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), last; !error && entry != last;
         entry.increment(error))
        if (platformio(entry->path()) || arduino(entry->path())) found.push_back(entry->path());
    std::ranges::sort(found);
    return found;
}

Result<FileList> read_folder(const fs::path& folder) {
    if (is_there(folder / "flasher_args.json")) return read_flasher_args_of(folder);
    if (const auto trio = arduino(folder)) return read_trio(*trio);
    if (const auto trio = platformio(folder)) return read_trio(*trio);
    const auto inner = environments(folder);
    if (inner.size() == 1) return read_folder(inner[0]);
    if (inner.size() > 1) {
        std::vector<std::string> names;
        for (const auto& each : inner)
            names.push_back(each.filename().string());
        return missing(
            fmt::format("{} has more than one build: {}", folder.string(), fmt::join(names, ", ")),
            "name the folder of one of them");
    }
    const auto images = files_in(folder, ".bin");
    if (images.size() == 1) {
        IMPRINT_CHECK(build_file(folder, images[0].filename().string()));
        return read_merged(images[0]);
    }
    return missing(
        fmt::format("{} holds no build: neither flasher_args.json, nor Arduino's *.ino.bin, nor "
                    "PlatformIO's firmware.bin with its bootloader.bin and partitions.bin, nor one "
                    "merged binary alone",
                    folder.string()),
        "build the firmware, or list its files under [[firmware.files]]");
}

}  // namespace

Result<FileList> read_any_build(const fs::path& path) {
    std::error_code none;
    if (fs::is_directory(path, none)) return read_folder(path);
    if (path.extension() == ".json") return read_build(path);
    return read_merged(path);
}

fs::path likely_build(const fs::path& project) {
    for (const char* folder : {"build", ".pio/build"}) {
        if (is_there(project / folder / "flasher_args.json")) return folder;
        if (const auto inner = environments(project / folder); !inner.empty())
            return fs::path(folder) / inner[0].filename();
    }
    if (arduino(project)) return ".";
    return {};
}

}  // namespace imprint::flash_files
