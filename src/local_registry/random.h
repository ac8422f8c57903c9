// Randomness from the kernel: ids, keys, request ids.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace imprint::local_registry {

// `length` letters, all equally likely. At most 256 different letters.
[[nodiscard]] Secret random_text(std::string_view letters, std::size_t length);

// "3f2b8c1e-9a4d-4e57-b0c6-1d2e3f4a5b6c" (RFC 4122, version 4).
[[nodiscard]] std::string random_uuid();

}  // namespace imprint::local_registry
