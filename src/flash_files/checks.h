// Checks whether a set of files makes a board start: before the first board, and for each board.
// The rules are in loader/boot_images.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "flash_files/flash_set.h"
#include "loader/board.h"

namespace imprint::flash_files {

// Checks the place of a file of a whole set: the bootloader below the partition table, the table
// itself, or inside one partition; and that it is an image if something is started from there.
// Errors (config): firmware_does_not_fit, those of image::parse_app_image.
[[nodiscard]] Result<void> check_place(const FlashSet& set, std::uint32_t offset, ByteView content);

// For a whole set. Errors (config): firmware_wrong_chip; firmware_revisions (no chip suits all
// images); firmware_flash_size (the bootloader's header states less than the table needs); those of
// loader::check_apps.
[[nodiscard]] Result<void> check_set(const FlashSet& set);

// Errors (board), except what is forced: wrong_chip, wrong_revision, firmware_misplaced,
// flash_too_small.
[[nodiscard]] Result<void> check_board(const FlashSet& set, const loader::BoardInfo& board);

// "4 MB", "512 KB".
[[nodiscard]] std::string size_text(std::uint32_t bytes);

}  // namespace imprint::flash_files
