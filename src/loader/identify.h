// What a chip says of itself through its registers.
#pragma once

#include "base/error.h"
#include "base/mac.h"
#include "loader/board.h"
#include "loader/link.h"

namespace imprint::loader {

[[nodiscard]] Result<std::uint32_t> read_register(Link& link, std::uint32_t address);
[[nodiscard]] Result<const Chip*> detect_chip(Link& link);
[[nodiscard]] Result<MacAddress> read_base_mac(Link& link, const Chip& chip);
// Revision, crystal and security state; the flash comes later, once it is attached.
[[nodiscard]] Result<BoardInfo> identify(Link& link, const Chip& chip);
// RDID through the SPI controller's user registers; SPI_ATTACH must have been done.
[[nodiscard]] Result<std::uint32_t> read_flash_id(Link& link, const Chip& chip);

}  // namespace imprint::loader
