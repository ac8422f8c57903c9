// How large a flash is in truth, found without writing. A chip that has fewer address lines than
// its id tells shows its content again behind its end: what stands at one place stands half the
// told size further on as well.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "loader/plan.h"

namespace imprint::loader {

// told: a power of two, in bytes. landmarks: places where something may stand that stands nowhere
// else; the first of them that is not blank is looked for again at half of the size, a quarter, ….
// If it is found there, the halves are compared as wholes: only if they are the same does the flash
// count as smaller. Empty: nothing can be told, for all landmarks are blank (so that nothing is
// there to be destroyed), or one pattern fills all of it.
[[nodiscard]] Result<std::optional<std::uint32_t>> find_flash_size(
    std::uint32_t told, std::span<const std::uint32_t> landmarks, const Md5Oracle& in_flash);

}  // namespace imprint::loader
