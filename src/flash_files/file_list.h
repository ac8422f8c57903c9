// Which files are to be written where, before any is read: given by hand, or by a build.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "flash_files/flasher_args.h"
#include "loader/chip.h"

namespace imprint::flash_files {

struct FlashFile {
    std::uint32_t offset = 0;  // bytes into flash
    std::filesystem::path path;
    bool marked_encrypted = false;  // in flasher_args.json: meant for a partition that is
};

struct FileList {
    std::vector<FlashFile> files;
    // From flasher_args.json: all that a board of that chip needs to start.
    bool whole = false;
    const loader::Chip* chip = nullptr;  // null: not stated
    std::uint32_t table_offset = 0x8000;
    HeaderFlashSize flash_size;
};

// "0x1000", "boot.bin", "0x8000", "table.bin", …: addresses and files alternately. Error:
// flash_pieces (usage).
[[nodiscard]] Result<FileList> parse_pairs(const std::vector<std::string>& words);
// Errors: those of read_flasher_args; build_file_outside, firmware_wrong_chip (config: a chip that
// Imprint does not know).
[[nodiscard]] Result<FileList> read_build(const std::filesystem::path& flasher_args);

}  // namespace imprint::flash_files
