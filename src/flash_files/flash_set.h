// What boards get written: files read, checked, hashed and compressed once for all of them. One way
// for `prepare` and `board flash`.
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
    // Into the bootloader's header; empty: as it is, or as flasher_args.json says of the size.
    std::optional<std::string> mode = {};
    std::optional<std::string> frequency = {};
    std::optional<HeaderFlashSize> size = {};
    bool encrypt = false;  // the marked files (all, where none is) are encrypted by the chip
    // Written although the chip would not start it: another chip's or revision's image, …
    bool force = false;
    // By a command that has --force and --flash-size: errors name them.
    bool by_hand = false;
};

// As a file is, before anything in it is changed.
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
    const loader::Chip* chip = nullptr;      // by flasher_args.json; null: it does not say
    // Of a whole set; none where it is not among the files, or cannot be read (it may be
    // encrypted).
    std::optional<image::PartitionTable> table;
    std::uint32_t table_offset = 0x8000;  // in flash
    // Bytes of flash that a board must have for it to start, as far as the set tells; 0: it does
    // not.
    std::uint32_t flash_size = 0;
    std::optional<Md5> bootloader_as_built;  // before its header was changed
    // Where the header is to tell each board's own size of flash; else null.
    std::shared_ptr<loader::FittedBootloader> fitted;
    std::vector<std::string> notes;  // sentences: what is not as the build left it
    bool whole = false;
    bool force = false;
    bool by_hand = false;

    // As this board gets them. Errors: flash_parameters (config); chip_secured (board: secure boot
    // takes no header that was changed after signing).
    [[nodiscard]] Result<std::vector<loader::FlashData>> regions_for(
        const loader::BoardInfo& board) const;
};

// Errors: those of the files and of loader::with_flash_parameters; no_bootloader (usage: there is
// none whose header could have what is wished); of a whole set (config) firmware_missing (an empty
// file), firmware_overlap, and without force those of check_set; of pieces flash_unaligned (usage),
// file_empty (config), flash_overlap (usage).
[[nodiscard]] Result<FlashSet> load_flash_set(FileList list, const FlashWishes& wishes = {});

}  // namespace imprint::flash_files
