// Temporary credentials for a local registry, like those from STS: to test what a client does when
// they expire.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "local_registry/store/access_keys.h"

namespace imprint::local_registry {

// Creates a key with a session token in the folder's store, even beside a running service. policy:
// an IAM policy document that limits it; empty: no limits. Errors: registry_state_missing (kind
// registry), key_policy (config), and those of Store::open.
[[nodiscard]] Result<AccessKey> make_session_key(const std::filesystem::path& state,
                                                 std::chrono::seconds validity,
                                                 const std::string& policy, WallTime now);

}  // namespace imprint::local_registry
