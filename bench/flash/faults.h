// Boards on a bad line, by the thousand: each ends proven, or failed with a cause.
#pragma once

#include <filesystem>

namespace imprint::bench {

// Prints how they ended. False: a board was called good that was not, or did not come to an end.
[[nodiscard]] bool flash_on_bad_lines(const std::filesystem::path& stubs, unsigned boards);

}  // namespace imprint::bench
