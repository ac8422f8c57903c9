// Imprint's own files in a project.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"

namespace imprint::config {

// Writes imprint.toml and imprint-policy.json, and adds lines to .gitignore so that git ignores the
// files that runs leave here. Returns what was written; an existing policy is not overwritten
// unless `force`. region: of the policy's ARNs. Errors: init_exists (usage), file_unwritable
// (config).
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_project_files(
    const std::filesystem::path& directory, bool force, const std::string& region = {});

}  // namespace imprint::config
