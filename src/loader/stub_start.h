// Putting the stub flasher into the chip's RAM and starting it.
#pragma once

#include "base/error.h"
#include "loader/connection.h"
#include "loader/stub.h"

namespace imprint::loader {

// Talks to the ROM, and afterwards to the stub. Error: stub_failed (kind board), after which only a
// reset helps; and the connection's.
[[nodiscard]] Result<void> start_stub(Connection& link, const StubImage& stub);

}  // namespace imprint::loader
