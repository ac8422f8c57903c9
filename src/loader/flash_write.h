// Writing one region, once: begin, blocks, proof. Who calls decides what follows a failure.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/chip.h"
#include "loader/connection.h"
#include "loader/flash_data.h"

namespace imprint::loader {

// Errors: verify_failed (the chip's MD5 is another one), loader_refused, board_lost and the
// connection's. After any of them the region holds anything, and the loader's state is unknown.
[[nodiscard]] Result<void> write_region(Connection& link, const Chip& chip, const FlashData& region,
                                        const Progress& progress);

// `before`: how long earlier work may go on before the MD5 is begun.
[[nodiscard]] Result<Md5> read_md5(Connection& link, std::uint32_t offset, std::uint32_t size,
                                   Milliseconds before = Milliseconds(0));

// Whole sectors.
[[nodiscard]] Result<void> erase_region(Connection& link, const Chip& chip, std::uint32_t offset,
                                        std::uint32_t size);

}  // namespace imprint::loader
