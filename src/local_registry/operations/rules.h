// Rules that several operations share.
#pragma once

#include <cstdint>
#include <string>

#include "local_registry/api/api_error.h"
#include "local_registry/store/certificates.h"
#include "local_registry/store/policies.h"
#include "local_registry/store/things.h"
#include "sqlite/database.h"

namespace imprint::local_registry::operations {

inline constexpr std::int64_t most_policies = 10;  // AWS IoT quotas: policies of one target

// Error: ResourceNotFoundException.
[[nodiscard]] Outcome<ThingRecord> required_thing(sqlite::Database& database,
                                                  const std::string& name);
[[nodiscard]] Outcome<CertificateRecord> required_certificate(sqlite::Database& database,
                                                              const std::string& id);
[[nodiscard]] Outcome<PolicyRecord> required_policy(sqlite::Database& database,
                                                    const std::string& name);

// A thing's type must exist and not be deprecated.
[[nodiscard]] Outcome<void> check_type(sqlite::Database& database, const std::string& type);
[[nodiscard]] Outcome<void> check_attribute_count(const ThingRecord& record);
// A thing can be in ten groups, no two of them with the same root. The group must exist.
[[nodiscard]] Outcome<void> check_room(sqlite::Database& database, const std::string& group,
                                       const std::string& thing);
// `what`: the target as the caller named it.
[[nodiscard]] Outcome<void> check_policy_room(sqlite::Database& database, const std::string& policy,
                                              const PolicyTarget& target, const std::string& what);

}  // namespace imprint::local_registry::operations
