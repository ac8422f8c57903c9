#include "flash_files/file_list.h"

#include <fmt/format.h>
#include <utility>

#include "flash_files/build_files.h"
#include "image_tool/commands.h"

namespace imprint::flash_files {

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

Result<FileList> read_build(const std::filesystem::path& flasher_args) {
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
    for (const auto& [offset, name, encrypted] : args.files) {
        IMPRINT_TRY(auto path, build_file(flasher_args.parent_path(), name));
        list.files.push_back({offset, std::move(path), encrypted});
    }
    return list;
}

}  // namespace imprint::flash_files
