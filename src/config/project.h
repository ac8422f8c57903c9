// The files that a project keeps for Imprint.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"

namespace imprint::config {

// Writes imprint.toml and imprint-policy.json, and adds the lines to .gitignore that keep git from
// what runs will leave here. Gives what was written; a policy that is there is left alone unless
// `force`. Errors: init_exists (usage), file_unwritable (config).
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_project_files(
    const std::filesystem::path& directory, bool force);

}  // namespace imprint::config
