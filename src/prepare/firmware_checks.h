// Whether a set of files makes a board start: what can be told before the first board, and what of
// each board. The rules are loader/boot_images.h's, which `board flash` goes by as well.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "prepare/firmware.h"
#include "prepare/flasher_args.h"

namespace imprint::prepare {

// Finds the images among the regions, and fits the bootloader's header to what flasher_args.json
// says of the flash's size, as esptool does. Errors (config): firmware_wrong_chip;
// firmware_revisions (no chip suits all images); firmware_flash_size (the header's is less than the
// table needs); those of loader::check_bootloader, check_apps and loader::with_flash_parameters.
[[nodiscard]] Result<void> check_images(Firmware& firmware, const HeaderFlashSize& flash_size);

// Errors (board): wrong_chip, wrong_revision, flash_too_small.
[[nodiscard]] Result<void> check_board(const Firmware& firmware, const loader::BoardInfo& board);

}  // namespace imprint::prepare
