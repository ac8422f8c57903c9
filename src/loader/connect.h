// From a port to a loader that answers: reset, sync, stub, baud rate.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/link.h"
#include "loader/stub.h"

namespace imprint::loader {

struct Synced {
    bool stub_runs = false;  // one that an earlier program left there
};

// Error: no_board, telling what was seen instead.
[[nodiscard]] Result<Synced> synchronise(Link& link, bool reset, unsigned attempts);

// Uploads and starts the stub. Error: stub_failed.
[[nodiscard]] Result<void> start_stub(Link& link, const Stub& stub);

// Board first, port second; then a register is read to see that both mean the same.
[[nodiscard]] Result<void> change_baud(Link& link, const Chip& chip, bool stub, std::uint32_t from,
                                       std::uint32_t to);

}  // namespace imprint::loader
