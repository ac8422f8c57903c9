// `imprint registry rotate --over-the-air`: new credentials for devices in the field, as the
// configuration describes registry and authority.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "fleet/over_the_air.h"
#include "prepare/settings.h"

namespace imprint::station {

struct OverTheAirOptions {
    std::vector<std::string> things;
    std::string lot = {};  // empty: each board's present one
    bool take_over = false;
    Milliseconds most{};       // to wait for devices
    Milliseconds pause{2000};  // between two looks at each
};

// Errors concern all things, and come before the first one is asked: those of SigningCommand,
// check_over_the_air and check_policy_over_the_air.
[[nodiscard]] Result<fleet::AirSum> rotate_over_the_air(
    const prepare::Settings& settings, const OverTheAirOptions& options, Clock& clock,
    const fleet::AirListener& listener, const Log& log, const std::stop_token& stop);

}  // namespace imprint::station
