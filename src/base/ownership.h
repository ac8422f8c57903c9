// Whether what lies at a path is ours to trust, or somebody else's to change under us. Keys,
// records and lines that a shell is to run are asked for it before they are written or used.
#pragma once

#include <filesystem>
#include <sys/types.h>

#include "base/error.h"

namespace imprint {

// The path is no link (what it points to would have to be named), belongs to this user or to root,
// and nobody else may write to it; what is not there yet is asked of its folder alone. That one
// has to be safe from others too: not writable for everybody, but for a sticky one as /tmp is. Root
// asks it of each folder on the way. Error: not_ours (config).
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& path);

// For tests: as a certain user.
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& path, uid_t user);

}  // namespace imprint
