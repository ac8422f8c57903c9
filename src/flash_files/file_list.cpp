#include "flash_files/file_list.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "flash_files/build_files.h"
#include "image/app_image.h"
#include "image_tool/commands.h"

namespace imprint::flash_files {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> missing_file(const fs::path& folder, const std::string& name) {
    return fail(
        ErrorKind::config, "firmware_missing",
        fmt::format("flasher_args.json names \"{}\", which is not in {}", name, folder.string()),
        "build the firmware again, or copy its whole build folder: with its subfolders, or "
        "all files beside flasher_args.json");
}

Result<fs::path> find_build_file(const fs::path& folder, const std::string& name) {
    std::string slashes = name;
    std::ranges::replace(slashes, '\\', '/');
    const std::string flat = fs::path(slashes).filename().string();
    for (const std::string& each : {name, slashes, flat}) {
        IMPRINT_TRY(fs::path path, build_file(folder, each));
        std::error_code none;
        if (fs::exists(path, none)) return path;
    }
    return missing_file(folder, name);
}

}  // namespace

Result<FileList> parse_pairs(const std::vector<std::string>& words) {
    if (words.size() % 2 != 0)
        return fail(
            ErrorKind::usage, "flash_pieces",
            fmt::format("\"{}\" stands alone: addresses and files come in pairs", words.back()),
            "for example: 0x1000 bootloader.bin 0x8000 partition-table.bin");
    FileList list;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        IMPRINT_TRY(const std::uint32_t offset, image_tool::parse_size(words[i]));
        list.files.push_back({offset, words[i + 1]});
    }
    return list;
}

std::string FlashFile::label() const {
    const std::string name = path.filename().string();
    return slice ? fmt::format("{} ({})", name, slice->name) : name;
}

Result<Bytes> read_flash_file(const FlashFile& file) {
    IMPRINT_TRY(Bytes content, read_file(file.path, file_limit::flash_image));
    if (!file.slice) return content;
    const std::uint64_t end = file.slice->from + file.slice->size;
    // It was longer when its parts were looked at.
    if (content.size() < end)
        return fail(ErrorKind::config, "firmware_missing",
                    fmt::format("{} ends at {:#x}, inside its part {}", file.path.string(),
                                content.size(), file.slice->name));
    const auto first = content.begin() + static_cast<std::ptrdiff_t>(file.slice->from);
    return Bytes(first, first + static_cast<std::ptrdiff_t>(file.slice->size));
}

Result<FileList> read_build(const fs::path& flasher_args) {
    IMPRINT_TRY(const FlasherArgs args, read_flasher_args(flasher_args));
    FileList list;
    list.whole = true;
    if (!args.chip.empty()) {
        list.chip = loader::chip_by_key(args.chip);
        if (list.chip == nullptr)
            return fail(ErrorKind::config, "firmware_wrong_chip",
                        fmt::format("{} is for \"{}\", a chip that Imprint does not know",
                                    flasher_args.string(), args.chip));
    }
    list.table_offset = args.table_offset.value_or(list.table_offset);
    list.flash_size = args.flash_size;
    const fs::path folder = flasher_args.parent_path();
    std::set<fs::path> taken;
    for (const auto& [offset, name, encrypted] : args.files) {
        IMPRINT_TRY(auto path, find_build_file(folder, name));
        // Two files that were flattened into one would be one on the board, too.
        if (!taken.insert(path).second && path != folder / name) return missing_file(folder, name);
        list.files.push_back({offset, std::move(path), encrypted});
    }
    return list;
}

Result<FileList> completed_list(FileList list) {
    for (const FlashFile& file : list.files) {
        IMPRINT_TRY(const Bytes content, read_flash_file(file));
        if (content.size() >= 2 && content[0] == 0xAA && content[1] == 0x50)
            list.table_offset = file.offset;
        const auto image = image::parse_app_image(content);
        const loader::Chip* chip = image ? loader::chip_by_id(image->chip_id) : nullptr;
        if (chip != nullptr && chip->bootloader_offset == file.offset) list.chip = chip;
    }
    if (list.chip == nullptr)
        return fail(ErrorKind::config, "firmware_missing",
                    "none of the files is a bootloader that lies where its chip looks for it",
                    "name the bootloader with its chip's address: 0x1000, 0x0 or 0x2000");
    return list;
}

}  // namespace imprint::flash_files
