#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct PolicyRecord {
    std::int64_t number = 0;  // in the order of creation; given by the store
    std::string name;
    std::int64_t default_version = 1;
    std::int64_t last_version = 1;  // numbers are never reused
    std::int64_t created = 0;
    std::int64_t modified = 0;
    std::string generation;
};

struct PolicyVersionRecord {
    std::int64_t version = 1;
    std::string document;
    std::int64_t created = 0;
};

// What a policy is attached to.
struct PolicyTarget {
    enum class Kind : std::uint8_t { certificate, thing_group };
    Kind kind = Kind::certificate;
    std::string name;  // the certificate's id, or the group's name

    bool operator==(const PolicyTarget&) const = default;
};

[[nodiscard]] Result<std::optional<PolicyRecord>> find_policy(sqlite::Database& database,
                                                              const std::string& name);
[[nodiscard]] Result<void> insert_policy(sqlite::Database& database, const PolicyRecord& record);
// Default and last version, time of change.
[[nodiscard]] Result<void> update_policy(sqlite::Database& database, const PolicyRecord& record);
// Deletes its versions too; targets must be detached before.
[[nodiscard]] Result<void> delete_policy(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<std::vector<PolicyRecord>> list_policies(sqlite::Database& database,
                                                              std::optional<std::int64_t> after,
                                                              bool ascending, std::int64_t limit);

[[nodiscard]] Result<std::optional<PolicyVersionRecord>> find_policy_version(
    sqlite::Database& database, const std::string& policy, std::int64_t version);
[[nodiscard]] Result<void> insert_policy_version(sqlite::Database& database,
                                                 const std::string& policy,
                                                 const PolicyVersionRecord& record);
[[nodiscard]] Result<void> delete_policy_version(sqlite::Database& database,
                                                 const std::string& policy, std::int64_t version);
// Newest first.
[[nodiscard]] Result<std::vector<PolicyVersionRecord>> list_policy_versions(
    sqlite::Database& database, const std::string& policy);

[[nodiscard]] Result<void> attach_policy(sqlite::Database& database, const std::string& policy,
                                         const PolicyTarget& target);
[[nodiscard]] Result<void> detach_policy(sqlite::Database& database, const std::string& policy,
                                         const PolicyTarget& target);

// One attachment in a list, in the order of attaching.
struct AttachmentRecord {
    std::int64_t number = 0;
    std::string policy;
    PolicyTarget target;
};

[[nodiscard]] Result<std::vector<AttachmentRecord>> list_policies_of_target(
    sqlite::Database& database, const PolicyTarget& target, std::optional<std::int64_t> after,
    bool ascending, std::int64_t limit);
[[nodiscard]] Result<std::vector<AttachmentRecord>> list_targets_of_policy(
    sqlite::Database& database, const std::string& policy, std::optional<std::int64_t> after,
    bool ascending, std::int64_t limit);

}  // namespace imprint::local_registry
