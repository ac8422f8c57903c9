// Secrets that this computer is known to have: none of them may be in a report, wherever it came
// from.
#pragma once

#include <string>
#include <vector>

#include "prepare/settings.h"

namespace imprint::support {

// variables: "NAME=VALUE", as environ has them. Read are the values of variables whose names say
// so, the secrets in AWS' files, and the keys that the settings name.
[[nodiscard]] std::vector<std::string> known_secrets(const prepare::Settings& settings,
                                                     const std::vector<std::string>& variables);

}  // namespace imprint::support
