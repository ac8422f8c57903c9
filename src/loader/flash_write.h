// Writes one region, once, and verifies it. The caller decides what to do after a failure.
#pragma once

#include "base/error.h"
#include "loader/board.h"
#include "loader/chip.h"
#include "loader/connection.h"
#include "loader/flash_data.h"

namespace imprint::loader {

// The blank parts of a region: known to be blank in flash too, or to be erased.
enum class Blanks : std::uint8_t { keep, erase };

struct WriteHow {
    Blanks blanks = Blanks::erase;
    std::uint32_t largest_block =
        0x4000;              // bytes of a frame's data, for a stub: less on a bad line
    Milliseconds before{0};  // how long the stub may still be busy with earlier work
};

// Returns how long the stub may still be busy with the last block: the next request waits for it
// (`before`) and returns its error. Errors: loader_refused, line_damaged, board_lost and the
// connection's. After any of them the region's content is undefined, and the loader's state is
// unknown. A ROM loader erases blanks in any case.
[[nodiscard]] Result<Milliseconds> write_region(Connection& link, const Chip& chip,
                                                const FlashData& region, const WriteHow& how,
                                                const Progress& progress);

// Writes the whole region, encrypted by the chip, if its loader still does that (blanks too: erased
// flash would decrypt to noise). The result cannot be verified: the chip's MD5 is that of the
// encrypted content. Errors: as write_region's.
[[nodiscard]] Result<void> write_region_encrypted(Connection& link, const Chip& chip,
                                                  const FlashData& region,
                                                  const Progress& progress);

// Error: verify_failed (the chip's MD5 differs).
[[nodiscard]] Result<void> prove_region(Connection& link, const FlashData& region,
                                        Milliseconds before = Milliseconds(0));

[[nodiscard]] Result<Md5> read_md5(Connection& link, std::uint32_t offset, std::uint32_t size,
                                   Milliseconds before = Milliseconds(0));

// Erases whole sectors.
[[nodiscard]] Result<void> erase_region(Connection& link, const Chip& chip, std::uint32_t offset,
                                        std::uint32_t size, Milliseconds before = Milliseconds(0));

}  // namespace imprint::loader
