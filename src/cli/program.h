// The whole program except `main`.
#pragma once

#include <string>
#include <vector>

namespace imprint::cli {

// Exit codes: docs/exit-codes.md. Any exception that leaves it is a bug.
[[nodiscard]] int run(const std::vector<std::string>& arguments);

}  // namespace imprint::cli
