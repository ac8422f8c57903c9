// Reads a region of flash, once.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/connection.h"

namespace imprint::loader {

// Errors: loader_refused (also if the data does not match the chip's MD5), board_lost, and the
// connection's.
[[nodiscard]] Result<Bytes> read_region(Connection& link, std::uint32_t offset, std::uint32_t size,
                                        const Progress& progress);

}  // namespace imprint::loader
