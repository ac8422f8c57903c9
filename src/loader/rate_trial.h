// Whether a line carries a rate: with data, in both directions.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "loader/connection.h"

namespace imprint::loader {

// Talks to a stub, at the rate that is set. readable: how much of its flash can be read. Nothing is
// written to flash, and nothing erased: a write of no bytes at address 0 has no sector to erase and
// no byte to program (esp-flasher-stub 0.5 to 1.1, src/command_handler.c, s_init_flash_operation,
// s_flash_data_post_process; esp-stub-lib src/flash.c, stub_lib_flash_write_buff), and a later
// BEGIN starts anew. So it is in the former stub (flasher_stub/stub_write_flash.c,
// handle_flash_begin, handle_flash_data), whose BEGIN writes the flash's status register, though:
// it is not tried there. Errors: loader_refused or board_lost if something was damaged or lost; and
// the connection's.
[[nodiscard]] Result<void> try_rate(Connection& link, std::uint32_t readable);

}  // namespace imprint::loader
