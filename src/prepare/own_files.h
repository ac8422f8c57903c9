// Imprint's own files in a project: what it reads and writes beside the firmware's source.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// Every path that a run with these settings reads or writes, except the source and its build.
[[nodiscard]] std::vector<std::filesystem::path> own_paths(const Settings& settings);

// The ledger and whatever holds keys must belong to this user alone and must not travel with a
// repository. Checked before the first board. Errors: those of base's check_ours and
// keep_out_of_git.
[[nodiscard]] Result<void> check_records(const Settings& settings);

// If root runs a shell line, the file that it comes from must be ours.
[[nodiscard]] Result<void> check_build_line(const Settings& settings);

}  // namespace imprint::prepare
