// Reads files that contain a key or a PIN.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace imprint::pki {

// what: "the authority's key", for errors. Errors (config): those of read_file; secret_exposed:
// users other than its owner can read it; not_ours: another user could have written it.
[[nodiscard]] Result<Secret> read_secret_file(const std::filesystem::path& path,
                                              std::string_view what);

}  // namespace imprint::pki
