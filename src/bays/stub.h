// Finds a station's stub loaders.
#pragma once

#include <filesystem>

#include "prepare/settings.h"

namespace imprint::bays {

// The configured folder, else the one shipped with Imprint. Empty: there is none, or none is
// wanted, and the ROM loader is used alone.
[[nodiscard]] std::filesystem::path stub_directory(const prepare::StationSettings& settings);

}  // namespace imprint::bays
