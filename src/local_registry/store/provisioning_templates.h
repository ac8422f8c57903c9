#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct ProvisioningTemplateRecord {
    std::string name;
    std::string description;
    std::string body;
    std::string role;  // ARN
    bool enabled = false;
    std::string type;                 // "FLEET_PROVISIONING", "JITP"
    std::optional<std::string> hook;  // preProvisioningHook, as JSON
    std::int64_t created = 0;
    std::int64_t modified = 0;
};

[[nodiscard]] Result<std::optional<ProvisioningTemplateRecord>> find_provisioning_template(
    sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<void> insert_provisioning_template(sqlite::Database& database,
                                                        const ProvisioningTemplateRecord& record);
[[nodiscard]] Result<void> delete_provisioning_template(sqlite::Database& database,
                                                        const std::string& name);
// Sorted by name.
[[nodiscard]] Result<std::vector<ProvisioningTemplateRecord>> list_provisioning_templates(
    sqlite::Database& database, const std::string& after, std::int64_t limit);

}  // namespace imprint::local_registry
