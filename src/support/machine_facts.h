// What a report has of the computer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "station/doctor/machine.h"
#include "support/pseudonyms.h"

namespace imprint::support {

// The program, how it was built, and the libraries that it runs with.
[[nodiscard]] nlohmann::ordered_json program_facts(const station::doctor::Machine& machine);

// The system, its kernel, memory and processors. names gets the computer's and the user's.
[[nodiscard]] nlohmann::ordered_json system_facts(const station::doctor::Machine& machine,
                                                  Pseudonyms& names);

// What is on USB, and which serial ports there are. names gets their serial numbers: an ESP32 with
// USB of its own has its MAC address there.
[[nodiscard]] nlohmann::ordered_json device_facts(const station::doctor::Machine& machine,
                                                  Pseudonyms& names);

// Of the variables ("NAME=VALUE") for Imprint and AWS: the names alone.
[[nodiscard]] std::vector<std::string> variable_names(const std::vector<std::string>& variables);

// The last lines of the station's service. Nothing: there are none, or this user may not read them.
[[nodiscard]] std::optional<std::string> journal_of_service(
    const station::doctor::Machine& machine);

}  // namespace imprint::support
