// Whether a file can be written, before something is read that takes minutes.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"

namespace imprint::board_tool {

// Tried in the file's folder, with its room; nothing is left there, and a file that exists is not
// touched. Devices and pipes are taken on trust. Error: file_unwritable (config).
[[nodiscard]] Result<void> check_output(const std::filesystem::path& path, std::uint64_t size);

}  // namespace imprint::board_tool
