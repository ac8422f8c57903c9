// The files in a service's state folder besides the database: CA, credentials (service.h).
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "local_registry/store/access_keys.h"
#include "local_registry/store/store.h"
#include "pki/certificate.h"

namespace imprint::local_registry {

// Creates the folder and its sub-folders, mode 0700. Error: state_folder_foreign (kind registry) if
// it contains other things: its mode must not be changed then.
[[nodiscard]] Result<void> make_state_folder(const std::filesystem::path& state);

[[nodiscard]] std::filesystem::path database_path(const std::filesystem::path& state);

// The CA of earlier runs, or a new one. Error: ca_incomplete (kind registry).
[[nodiscard]] Result<pki::Authority> open_authority(const std::filesystem::path& state,
                                                    WallTime now);

// The store's first key, or a new one, as AWS's shared files: credentials (0600) and config.
[[nodiscard]] Result<void> write_credentials(const std::filesystem::path& state, Store& store,
                                             const std::string& region);

}  // namespace imprint::local_registry
