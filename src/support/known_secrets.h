// Secrets that this computer is known to have: none of them may be in a report, wherever it came
// from.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace imprint::support {

// variables: "NAME=VALUE", as environ has them. Read are the values of variables whose names say
// so, the secrets in AWS' files, the keys that the settings name, and what stands in a setting as
// the hex digits of a key: no setting takes a digest.
[[nodiscard]] std::vector<std::string> known_secrets(const config::Config& config,
                                                     const std::vector<std::string>& variables);

}  // namespace imprint::support
