// Whether a set of files makes a board start: what can be told before the first board, and what of
// each board. The rules are loader/boot_images.h's.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "flash_files/flash_set.h"
#include "loader/board.h"

namespace imprint::flash_files {

// Where a file of a whole set may lie: the bootloader below the partition table, the table itself,
// or inside of one partition; and it is an image where one is started from. Errors (config):
// firmware_does_not_fit, those of image::parse_app_image.
[[nodiscard]] Result<void> check_place(const FlashSet& set, std::uint32_t offset, ByteView content);

// Of a whole set. Errors (config): firmware_wrong_chip; firmware_revisions (no chip suits all
// images); firmware_flash_size (the bootloader's header tells less than the table needs); those of
// loader::check_apps.
[[nodiscard]] Result<void> check_set(const FlashSet& set);

// Errors (board), but for what is forced: wrong_chip, wrong_revision, firmware_misplaced,
// flash_too_small.
[[nodiscard]] Result<void> check_board(const FlashSet& set, const loader::BoardInfo& board);

// "4 MB", "512 KB".
[[nodiscard]] std::string size_text(std::uint32_t bytes);

}  // namespace imprint::flash_files
