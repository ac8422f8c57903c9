// What of a project is Imprint's own: what it reads and writes beside the firmware's source.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// Everything that a run with these settings reads or writes, the source and its build aside.
[[nodiscard]] std::vector<std::filesystem::path> own_paths(const Settings& settings);

// The ledger, and whatever holds keys, has to be this user's alone, and must not travel with a
// repository. Asked before the first board. Errors: those of base's check_ours and keep_out_of_git.
[[nodiscard]] Result<void> check_records(const Settings& settings);

// A line that a shell is to run comes from a file that is ours, where root runs it.
[[nodiscard]] Result<void> check_build_line(const Settings& settings);

}  // namespace imprint::prepare
