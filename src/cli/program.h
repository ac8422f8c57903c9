// The whole program but for `main`.
#pragma once

#include <string>
#include <vector>

namespace imprint::cli {

// Exit codes: docs/exit-codes.md. Exceptions that come out are bugs.
[[nodiscard]] int run(const std::vector<std::string>& arguments);

}  // namespace imprint::cli
