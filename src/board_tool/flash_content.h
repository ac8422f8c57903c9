// What `board flash` writes: files read, checked and compressed once for all boards, and what of
// them one board gets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "image/partition_table.h"
#include "loader/board.h"
#include "loader/boot_images.h"
#include "loader/fitted_bootloader.h"
#include "prepare/flasher_args.h"

namespace imprint::board_tool {

struct FlashPiece {
    std::uint32_t offset = 0;  // bytes into flash
    std::filesystem::path file;
    bool marked_encrypted = false;  // in flasher_args.json: meant for a partition that is
};

struct FlashSet {
    std::vector<FlashPiece> pieces;
    // Of flasher_args.json: all that a board of that chip needs to start.
    bool whole = false;
    const loader::Chip* chip = nullptr;  // null: it does not say
    std::uint32_t table_offset = 0x8000;
    prepare::HeaderFlashSize flash_size;
};

// "0x1000", "boot.bin", "0x8000", "table.bin", …: addresses and files by turns. Error: flash_pieces
// (usage).
[[nodiscard]] Result<FlashSet> parse_flash_pieces(const std::vector<std::string>& words);
// Errors: those of prepare::read_flasher_args; firmware_wrong_chip (config: an unknown chip).
[[nodiscard]] Result<FlashSet> read_flash_set(const std::filesystem::path& flasher_args);

struct FlashWishes {
    // Into the bootloader's header; empty: as it is, or as flasher_args.json says of the size.
    std::optional<std::string> mode = {};
    std::optional<std::string> frequency = {};
    std::optional<prepare::HeaderFlashSize> size = {};
    bool encrypt = false;  // the marked files (all, where none is) are encrypted by the chip
    // Written although the chip would not start it: another chip's or revision's image, …
    bool force = false;
};

struct FlashContent {
    std::vector<loader::FlashData> regions;  // by offset
    std::vector<bool> encrypted;             // of each region: to be encrypted by the chip
    std::vector<loader::BootImage> images;   // in them
    const loader::Chip* made_for = nullptr;  // by flasher_args.json
    std::optional<Md5> bootloader_as_built;  // before its header was changed
    // Where the header is to tell each board's own size of flash; else null.
    std::shared_ptr<loader::FittedBootloader> fitted;
    bool whole = false;
    bool force = false;
};

// Errors: those of the files and of loader::with_flash_parameters; no_bootloader (usage: there is
// none whose header could have what is wished); flash_unaligned (usage), file_empty (config),
// flash_overlap (usage). For a whole set, and without force, also (config) firmware_wrong_chip,
// firmware_flash_size and what loader::check_apps says.
[[nodiscard]] Result<FlashContent> load_flash(const FlashSet& set, const FlashWishes& wishes = {});

// The regions for this board. Errors (board), but for what is forced: wrong_chip, wrong_revision,
// firmware_misplaced, flash_too_small (less than the header tells); and in any case chip_secured
// (secure boot takes no changed header).
[[nodiscard]] Result<std::vector<loader::FlashData>> fit_to_board(const FlashContent& content,
                                                                  const loader::BoardInfo& board);

}  // namespace imprint::board_tool
