#include "local_registry/session_key.h"

#include <fmt/format.h>
#include <system_error>

#include "local_registry/api/authorization.h"
#include "local_registry/state_folder.h"

namespace imprint::local_registry {

Result<AccessKey> make_session_key(const std::filesystem::path& state,
                                   std::chrono::seconds validity, const std::string& policy,
                                   WallTime now) {
    if (!policy.empty())
        if (const std::string fault = fault_of_key_policy(policy); !fault.empty())
            return fail(ErrorKind::config, "key_policy",
                        fmt::format("the key's policy cannot be weighed: {}", fault),
                        "give an IAM policy document with Effect, Action and Resource");
    std::error_code error;
    if (!std::filesystem::exists(database_path(state), error))
        return fail(ErrorKind::registry, "registry_state_missing",
                    fmt::format("{} is no local registry's folder", state.string()),
                    fmt::format("start one: imprint registry serve --state {}", state.string()));
    IMPRINT_TRY(Store store, Store::open(database_path(state)));
    AccessKey key = make_access_key();
    // Session keys' ids begin otherwise than long-lived ones (IAM User Guide, "Unique
    // identifiers").
    if (key.id.starts_with("AKIA")) key.id.replace(0, 4, "ASIA");
    key.policy = policy;
    key.session_token = make_access_key().secret;
    key.expires =
        std::chrono::duration_cast<std::chrono::milliseconds>((now + validity).time_since_epoch())
            .count();
    IMPRINT_CHECK(
        store.write([&](sqlite::Database& database) { return insert_access_key(database, key); }));
    return key;
}

}  // namespace imprint::local_registry
