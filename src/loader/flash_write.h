// Writing one region, once, and proving it. Who calls decides what follows a failure.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/chip.h"
#include "loader/connection.h"
#include "loader/flash_data.h"

namespace imprint::loader {

// What is blank in a region: known to be blank in flash as well, or to be erased.
enum class Blanks : std::uint8_t { keep, erase };

struct WriteHow {
    Blanks blanks = Blanks::erase;
    std::uint32_t largest_block =
        0x4000;              // bytes of a frame's data, for a stub: less on a bad line
    Milliseconds before{0};  // how long the stub may still be at what came before
};

// Gives how long the stub may go on with the last block: whatever comes next waits for it
// (`before`) and brings its error. Errors: loader_refused, line_damaged, board_lost and the
// connection's. After any of them the region holds anything, and the loader's state is unknown. A
// ROM loader erases blanks in any case.
[[nodiscard]] Result<Milliseconds> write_region(Connection& link, const Chip& chip,
                                                const FlashData& region, const WriteHow& how,
                                                const Progress& progress);

// Writes all of it, encrypted by the chip, where its loader still does that (blanks as well: what
// is erased would be read as noise). Whether it is right cannot be asked: the chip's MD5 is of what
// stands in flash. Errors: as write_region's.
[[nodiscard]] Result<void> write_region_encrypted(Connection& link, const Chip& chip,
                                                  const FlashData& region,
                                                  const Progress& progress);

// Error: verify_failed (the chip's MD5 is another one).
[[nodiscard]] Result<void> prove_region(Connection& link, const FlashData& region,
                                        Milliseconds before = Milliseconds(0));

[[nodiscard]] Result<Md5> read_md5(Connection& link, std::uint32_t offset, std::uint32_t size,
                                   Milliseconds before = Milliseconds(0));

// Whole sectors.
[[nodiscard]] Result<void> erase_region(Connection& link, const Chip& chip, std::uint32_t offset,
                                        std::uint32_t size, Milliseconds before = Milliseconds(0));

}  // namespace imprint::loader
