// Finds the real size of a flash without writing. A chip with fewer address lines than its id says
// repeats its content beyond its end: what is at one address is also found half the reported size
// further on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "loader/plan.h"

namespace imprint::loader {

// told: a power of two, in bytes. landmarks: places whose content is probably unique in flash. The
// first one that is not blank is looked up again at an offset of half the size, a quarter, …. If it
// is found there, the halves are compared as a whole: only if they are equal does the flash count
// as smaller. Empty: unknown, since all landmarks are blank (so there is nothing to be destroyed),
// or one pattern fills the whole flash.
[[nodiscard]] Result<std::optional<std::uint32_t>> find_flash_size(
    std::uint32_t told, std::span<const std::uint32_t> landmarks, const Md5Oracle& in_flash);

}  // namespace imprint::loader
