// Flash chips by their JEDEC id.
#pragma once

#include <cstdint>

namespace imprint::loader {

// id: manufacturer in bits 0-7, type in 8-15, capacity in 16-23, as RDID (9Fh) gives them.
// Bytes; 0 where the capacity code is not understood.
[[nodiscard]] std::uint32_t flash_size_of(std::uint32_t id);

}  // namespace imprint::loader
