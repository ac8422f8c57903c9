#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "local_registry/store/json_columns.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct ThingGroupRecord {
    std::string name;
    std::string id;
    std::optional<std::string> parent;
    std::string description;
    Attributes attributes;
    std::int64_t version = 1;
    std::int64_t created = 0;
};

struct ThingGroupFilter {
    std::optional<std::string> parent;
    bool recursive = false;  // the parent's descendants too
    std::optional<std::string> prefix;
};

[[nodiscard]] Result<std::optional<ThingGroupRecord>> find_thing_group(sqlite::Database& database,
                                                                       const std::string& name);
[[nodiscard]] Result<void> insert_thing_group(sqlite::Database& database,
                                              const ThingGroupRecord& record);
// Deletes memberships and policy attachments too; child groups must be deleted before.
[[nodiscard]] Result<void> delete_thing_group(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<bool> has_child_groups(sqlite::Database& database, const std::string& name);
// From the root down to the group itself.
[[nodiscard]] Result<std::vector<std::string>> thing_group_lineage(sqlite::Database& database,
                                                                   const std::string& name);
[[nodiscard]] Result<std::vector<std::string>> list_thing_groups(sqlite::Database& database,
                                                                 const std::string& after,
                                                                 const ThingGroupFilter& filter,
                                                                 std::int64_t limit);

[[nodiscard]] Result<void> insert_thing_group_member(sqlite::Database& database,
                                                     const std::string& group,
                                                     const std::string& thing);
[[nodiscard]] Result<void> delete_thing_group_member(sqlite::Database& database,
                                                     const std::string& group,
                                                     const std::string& thing);
[[nodiscard]] Result<std::vector<std::string>> list_groups_of_thing(sqlite::Database& database,
                                                                    const std::string& thing,
                                                                    const std::string& after,
                                                                    std::int64_t limit);
[[nodiscard]] Result<std::vector<std::string>> list_things_of_group(sqlite::Database& database,
                                                                    const std::string& group,
                                                                    bool recursive,
                                                                    const std::string& after,
                                                                    std::int64_t limit);

}  // namespace imprint::local_registry
