// The flash chip behind the SPI controller: attaching and identifying it.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "loader/chip.h"
#include "loader/connection.h"

namespace imprint::loader {

// Connects the controller's pins. The ROM needs this before any flash command; a stub does it
// itself.
[[nodiscard]] Result<void> attach_flash(Connection& link, const Chip& chip);

// Sends JEDEC's RDID: manufacturer in the lowest byte, then type and capacity.
[[nodiscard]] Result<std::uint32_t> read_flash_id(Connection& link, const Chip& chip);

// Block protection bits of the status register: with any of them set, a part of the flash takes
// neither data nor an erase. Alike on all makers' chips (W25Q32JV datasheet, "Block Protect Bits").
inline constexpr std::uint8_t block_protection = 7U << 2;

// Sends RDSR: the first status register. The others have different commands, and what reads one on
// one maker's chip changes the mode of another's.
[[nodiscard]] Result<std::uint8_t> read_flash_status(Connection& link, const Chip& chip);

// Tells the loader the size of the chip; without it nothing above 2 MB (ROM) can be reached.
[[nodiscard]] Result<void> set_flash_size(Connection& link, std::uint32_t size);

}  // namespace imprint::loader
