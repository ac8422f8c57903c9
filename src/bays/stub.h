// Where a station's stub loaders are.
#pragma once

#include <filesystem>

#include "prepare/settings.h"

namespace imprint::bays {

// The configured folder, else the one that Imprint ships. Empty: there is none, or none is wished,
// and the ROM loader does the work.
[[nodiscard]] std::filesystem::path stub_directory(const prepare::StationSettings& settings);

}  // namespace imprint::bays
