// What an error in the work on a board means for its bay.
#pragma once

#include <optional>

#include "base/error.h"
#include "base/mac.h"
#include "station/bay_life.h"

namespace imprint::station {

[[nodiscard]] Ending ending_of(const Error& error, const std::optional<MacAddress>& mac = {});

}  // namespace imprint::station
