// Whether we can trust what is at a path, or somebody else could change it. Checked for keys,
// records and shell lines before they are written or used.
#pragma once

#include <filesystem>
#include <sys/types.h>

#include "base/error.h"

namespace imprint {

// The path must not be a link (name its target instead), must belong to this user or to root, and
// must not be writable by anybody else. If it does not exist yet, only its folder is checked. The
// folder must be safe from others too: not writable by everybody, unless it is sticky like /tmp.
// For root, every folder on the way is checked. Error: not_ours (config).
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& path);

// For tests: as the given user.
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& path, uid_t user);

}  // namespace imprint
