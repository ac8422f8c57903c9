// Which files are to be written where, before any is read: given by hand, or by a build.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "flash_files/flasher_args.h"
#include "loader/chip.h"

namespace imprint::flash_files {

// What of a merged binary goes to one place.
struct Slice {
    std::uint64_t from = 0;  // bytes into the file
    std::uint64_t size = 0;
    std::string name;  // "bootloader", "partition table", a partition's
};

struct FlashFile {
    std::uint32_t offset = 0;  // bytes into flash
    std::filesystem::path path;
    bool marked_encrypted = false;            // in flasher_args.json: meant for a partition that is
    std::optional<Slice> slice = {};          // none: the whole file
    [[nodiscard]] std::string label() const;  // "app.bin", "merged.bin (factory)"
};

struct FileList {
    std::vector<FlashFile> files;
    // From flasher_args.json: all that a board of that chip needs to start.
    bool whole = false;
    const loader::Chip* chip = nullptr;  // null: not stated
    std::uint32_t table_offset = 0x8000;
    HeaderFlashSize flash_size;
    std::vector<std::string> notes = {};  // sentences: what was taken for what
};

// Of the file, or of its slice. Errors: those of reading it.
[[nodiscard]] Result<Bytes> read_flash_file(const FlashFile& file);

// "0x1000", "boot.bin", "0x8000", "table.bin", …: addresses and files alternately. Error:
// flash_pieces (usage).
[[nodiscard]] Result<FileList> parse_pairs(const std::vector<std::string>& words);
// A file that flasher_args.json names is looked for by its name there, with \ as /, and beside the
// JSON: archives are flattened. Errors: those of read_flasher_args; build_file_outside,
// firmware_wrong_chip (config: a chip that Imprint does not know), firmware_missing.
[[nodiscard]] Result<FileList> read_build(const std::filesystem::path& flasher_args);

// A list that says neither its chip nor where its table is, as these are found in its files. Error:
// firmware_missing (config), without a bootloader where a chip looks for one.
[[nodiscard]] Result<FileList> completed_list(FileList list);

}  // namespace imprint::flash_files
