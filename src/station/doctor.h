// `imprint doctor`: everything that a run needs, looked at before a run needs it.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "station/config.h"

namespace imprint::station {

enum class Health { ok, warning, failure };
[[nodiscard]] std::string_view to_string(Health health);  // "ok", "warn", "fail"

struct Check {
    std::string name;  // "firmware", "credentials", …
    Health health = Health::ok;
    std::string found;  // what there is; never a secret
    std::string mend;   // what to do, where it is not ok
};

// Changes nothing. A check whose precondition failed is left out.
[[nodiscard]] std::vector<Check> examine(const prepare::Settings& settings, Clock& clock,
                                         const Log& log, const std::stop_token& stop);

}  // namespace imprint::station
