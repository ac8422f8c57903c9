// `imprint doctor`: checks everything that a run needs before a run needs it, and the computer that
// it is to run on. What is checked is in station/doctor/, a file a subject.
#pragma once

#include <cstdint>
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

// How far the checks go.
enum class Reach : std::uint8_t {
    everything,
    // Nobody is asked over a network, no program of the user's is looked for, and no port is
    // opened: for a report, while a shift may be at work.
    this_machine,
};

// Changes nothing. A check whose precondition failed is left out.
[[nodiscard]] std::vector<Check> examine(const prepare::Settings& settings, Clock& clock,
                                         const Log& log, const std::stop_token& stop,
                                         Reach reach = Reach::everything);

}  // namespace imprint::station
