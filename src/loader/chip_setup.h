// Setup that some chips need before longer work with them.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "loader/chip.h"
#include "loader/connection.h"

namespace imprint::loader {

// Call this whenever the ROM's loader was entered, before a stub is started and before the flash is
// attached. A stub that is already running needs none of it. Errors: the connection's.
//   - Over USB-Serial/JTAG, the RTC watchdog and the super watchdog survive the reset into the
//     loader and would fire in the middle of a write: they are turned off.
//   - Some revisions of the ESP32-P4 start with their flash chip's supply off: it is turned on.
[[nodiscard]] Result<void> settle_chip(Connection& link, const Chip& chip, std::uint16_t revision);

// The largest block of RAM or stub data on this line, where `usual` is the normal one: a chip that
// is its own USB port (OTG) accepts less at a time.
[[nodiscard]] std::uint32_t block_size(const Connection& link, const Chip& chip,
                                       std::uint32_t usual);

// Whether the port is the chip's own USB (OTG), not a bridge and not its USB-Serial/JTAG unit.
[[nodiscard]] bool is_own_usb(const Connection& link, const Chip& chip);
// Removes what keeps a chip in its loader after a reset through its own USB.
[[nodiscard]] Result<void> let_leave_loader(Connection& link, const Chip& chip);
// Whether IO0 was held low as EN rose: then no reset through its own USB leaves the loader.
[[nodiscard]] Result<bool> io0_was_held(Connection& link, const Chip& chip);
// Makes the RTC watchdog reset everything soon, boot mode included; the last request may go
// unanswered. Only for a chip whose watchdog.enable is set.
[[nodiscard]] Result<void> reset_by_watchdog(Connection& link, const Chip& chip);

}  // namespace imprint::loader
