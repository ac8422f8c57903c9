// The bays of a station as `imprint station setup` has learnt them: a file of its own, which is
// read beside imprint.toml and outlives a new one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"

namespace imprint::config {

using BayPlaces = std::map<std::string, std::string>;  // name → USB path or port

// None where there is no such file. Errors (config): config_syntax, config_value, file_unreadable
// and the like; config_unknown_key for anything but [station.bays].
[[nodiscard]] Result<BayPlaces> read_bays_file(const std::filesystem::path& file);

// In place of what is there; complete or not at all. Errors (config): config_value (two
// bays at one place, a name that no bay may have), file_unwritable.
[[nodiscard]] Result<void> write_bays_file(const std::filesystem::path& file,
                                           const BayPlaces& bays);

// Both together. The same in both is fine. Error: bay_twice (config): a name has two places, or a
// place two names. origin: of those that are configured.
[[nodiscard]] Result<BayPlaces> join_bays(const BayPlaces& of_file,
                                          const std::filesystem::path& file,
                                          const BayPlaces& configured, const std::string& origin);

}  // namespace imprint::config
