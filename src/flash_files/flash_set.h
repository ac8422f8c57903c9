// What is written to boards: files read, checked, hashed and compressed once for all of them. The
// same code for `prepare` and `board flash`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "flash_files/file_list.h"
#include "image/partition_table.h"
#include "loader/board.h"
#include "loader/boot_images.h"
#include "loader/fitted_bootloader.h"

namespace imprint::flash_files {

struct FlashWishes {
    // For the bootloader's header; empty: unchanged, or the size that flasher_args.json states.
    std::optional<std::string> mode = {};
    std::optional<std::string> frequency = {};
    std::optional<HeaderFlashSize> size = {};
    bool encrypt = false;  // the marked files (all, if none is) are encrypted by the chip
    // Written even if the chip would not start it: another chip's or revision's image, …
    bool force = false;
    // The command has --force and --flash-size: errors may name them.
    bool by_hand = false;
};

// The original file, before anything in it is changed.
struct FileFacts {
    std::filesystem::path path;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // bytes
    std::string sha256;      // lower-case hex
};

struct FlashSet {
    std::vector<loader::FlashData> regions;  // by offset
    std::vector<bool> encrypted;             // of each region: to be encrypted by the chip
    std::vector<FileFacts> files;            // of each region
    std::vector<loader::BootImage> images;   // in them
    std::vector<std::string> for_esp8266;    // "app.bin (0x10000)" of images for that chip in them
    const loader::Chip* chip = nullptr;      // from flasher_args.json; null: not stated
    // None if it is not among the files, or cannot be read (it may be encrypted).
    std::optional<image::PartitionTable> table;
    std::uint32_t table_offset = 0x8000;  // in flash
    // The flash size in bytes that a board needs to start, as far as the set states it; 0: unknown.
    std::uint32_t flash_size = 0;
    std::optional<Md5> bootloader_as_built;  // before its header was changed
    // Set if the header is to state each board's own flash size; else null.
    std::shared_ptr<loader::FittedBootloader> fitted;
    std::vector<std::string> notes;  // sentences: what differs from the build
    bool whole = false;
    bool force = false;
    bool by_hand = false;

    // The regions for this board. Errors: flash_parameters (config); chip_secured (board: secure
    // boot rejects a header that was changed after signing).
    [[nodiscard]] Result<std::vector<loader::FlashData>> regions_for(
        const loader::BoardInfo& board) const;
};

// Errors: those of the files and of loader::with_flash_parameters; no_bootloader (usage: no file
// has a header that could be changed as requested); of a whole set (config) firmware_missing (an
// empty file), firmware_overlap, and without force those of check_place and check_set; of pieces
// flash_unaligned (usage), file_empty (config), flash_overlap (usage), and without force those of
// check_set.
[[nodiscard]] Result<FlashSet> load_flash_set(FileList list, const FlashWishes& wishes = {});

}  // namespace imprint::flash_files
