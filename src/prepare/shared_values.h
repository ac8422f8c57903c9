// What all boards of a run get alike, weighed as it will be sent: a value that AWS IoT or the
// boards' firmware would not take is found before the first board is touched.
#pragma once

#include <string>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// The names and values of the settings with the real lot in the place of {lot}. Errors: lot (usage:
// the command line has it); config_value (config).
[[nodiscard]] Result<void> check_shared_values(const IdentitySettings& settings,
                                               const std::string& lot);

}  // namespace imprint::prepare
