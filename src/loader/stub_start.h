// Uploads the stub flasher to the chip's RAM and starts it.
#pragma once

#include "base/error.h"
#include "loader/chip.h"
#include "loader/connection.h"
#include "loader/stub.h"

namespace imprint::loader {

// Talks to the ROM, and afterwards to the stub. hook: StubFiles::secure_boot_hook of a chip under
// secure boot; 0 if the ROM jumps into RAM on request. Error: stub_failed (kind board), after which
// only a reset helps; and the connection's.
[[nodiscard]] Result<void> start_stub(Connection& link, const Chip& chip, const StubImage& stub,
                                      std::uint32_t hook = 0);

// Whether the running stub is Espressif's former one (esptool up to 4.x). It and its successor name
// different errors for a command that neither of them knows.
[[nodiscard]] Result<bool> is_former_stub(Connection& link);

}  // namespace imprint::loader
