// Temporary credentials of a local registry, as STS would hand them out: for trying what a client
// does when they expire.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "local_registry/store/access_keys.h"

namespace imprint::local_registry {

// Makes a key with a session token in the folder's store, also beside a running service.
// policy: an IAM policy document that it is limited to; empty: none. Errors: registry_state_missing
// (kind registry), key_policy (config), and those of Store::open.
[[nodiscard]] Result<AccessKey> make_session_key(const std::filesystem::path& state,
                                                 std::chrono::seconds validity,
                                                 const std::string& policy, WallTime now);

}  // namespace imprint::local_registry
