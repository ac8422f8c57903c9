// `imprint doctor`: checks everything that a run needs before a run needs it.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "events/words.h"

namespace imprint::station {

using events::Health;

struct Check {
    std::string name;  // "firmware", "credentials", …
    Health health = Health::ok;
    std::string found;                              // for a person: what was found; never a secret
    std::string hint = {};                          // what to do if it is not ok
    std::string code = {};                          // of the error, if it failed
    ErrorKind kind = ErrorKind::config;             // of the error, if it failed
    std::map<std::string, std::string> facts = {};  // the findings as values
};

// Changes nothing. A check whose precondition failed is left out.
[[nodiscard]] std::vector<Check> examine(const prepare::Settings& settings, Clock& clock,
                                         const Log& log, const std::stop_token& stop);

}  // namespace imprint::station
