// Checks of the values that all boards of a run share, as they will be sent: a value that AWS IoT
// or the boards' firmware would reject is found before the first board is touched.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// What is wrong with a name that people give and a record keeps: a lot, a station, an operator, a
// bay. Empty: nothing. A spreadsheet computes what begins like a formula (OWASP, "CSV Injection"),
// and the record's CSV gives each name as it is.
[[nodiscard]] std::string record_name_fault(std::string_view name);

// Checks the names and values of the settings with {lot} replaced by the real lot. Errors: lot
// (usage: it came from the command line); config_value (config).
[[nodiscard]] Result<void> check_shared_values(const IdentitySettings& settings,
                                               const std::string& lot);

// Whether a board's serial number can be in its thing's attributes, where the settings put it
// there. Error: serial_bad (board).
[[nodiscard]] Result<void> check_serial_value(const IdentitySettings& settings,
                                              const std::string& serial);

}  // namespace imprint::prepare
