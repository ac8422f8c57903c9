// Reading flash out, once.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/connection.h"

namespace imprint::loader {

// Errors: loader_refused (also when what came does not fit the chip's MD5), board_lost, and the
// connection's.
[[nodiscard]] Result<Bytes> read_region(Connection& link, std::uint32_t offset, std::uint32_t size,
                                        const Progress& progress);

}  // namespace imprint::loader
