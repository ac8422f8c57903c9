// What some chips need before they can be worked with for long.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "loader/chip.h"
#include "loader/connection.h"

namespace imprint::loader {

// To be called whenever the ROM's loader was entered, before a stub and before the flash is
// attached. A stub that runs already needs none of it. Errors: the connection's.
//   - Over USB-Serial/JTAG the RTC watchdog and the super watchdog outlive the reset into the
//     loader and would bite in the middle of a write: they are turned off.
//   - Some revisions of the ESP32-P4 start with their flash chip's supply off: it is turned on.
[[nodiscard]] Result<void> settle_chip(Connection& link, const Chip& chip, std::uint16_t revision);

// How large the blocks of RAM or of a stub may be on this line, if they would be `usual` else: a
// chip that is its own USB port (OTG) takes less at a time.
[[nodiscard]] std::uint32_t block_size(const Connection& link, const Chip& chip,
                                       std::uint32_t usual);

// Has the RTC watchdog reset everything, boot mode included, in a moment; it may be that nothing
// answers the last request. Only for a chip whose watchdog.enable is set.
// Is the port the chip's own USB (OTG), not a bridge and not its USB-Serial/JTAG unit?
[[nodiscard]] bool is_own_usb(const Connection& link, const Chip& chip);
// What keeps a chip in its loader is taken away, where it was reset through its own USB.
[[nodiscard]] Result<void> let_leave_loader(Connection& link, const Chip& chip);
// Was IO0 held low as EN rose? Then no reset through its own USB gets it out of the loader.
[[nodiscard]] Result<bool> io0_was_held(Connection& link, const Chip& chip);
[[nodiscard]] Result<void> reset_by_watchdog(Connection& link, const Chip& chip);

}  // namespace imprint::loader
