// The keys that may sign requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct AccessKey {
    std::string id;
    Secret secret;
    Secret session_token;                 // empty: a long-lived key
    std::optional<std::int64_t> expires;  // milliseconds since 1970; none: never
    std::string policy;                   // IAM policy document; empty: may do everything
};

// A random long-lived key.
[[nodiscard]] AccessKey make_access_key();

[[nodiscard]] Result<std::optional<AccessKey>> find_access_key(sqlite::Database& database,
                                                               const std::string& id);
// The oldest long-lived key: the one in the credentials file.
[[nodiscard]] Result<std::optional<AccessKey>> first_access_key(sqlite::Database& database);
[[nodiscard]] Result<void> insert_access_key(sqlite::Database& database, const AccessKey& key);

}  // namespace imprint::local_registry
