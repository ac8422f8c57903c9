// Internal to the layer.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace imprint::image_tool {

// Makes the folder that this file goes into. Error: file_unwritable (config).
[[nodiscard]] Result<void> make_parent(const std::filesystem::path& path);

}  // namespace imprint::image_tool
