#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "local_registry/store/json_columns.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct ThingRecord {
    std::string name;
    std::string id;
    std::optional<std::string> type;
    Attributes attributes;
    std::int64_t version = 1;
    std::int64_t created = 0;
};

struct ThingFilter {
    std::optional<std::string> type;
    std::optional<std::string> attribute;  // has one of this name …
    std::optional<std::string> value;      // … with this value …
    bool prefix = false;                   // … or one that starts with it
};

[[nodiscard]] Result<std::optional<ThingRecord>> find_thing(sqlite::Database& database,
                                                            const std::string& name);
[[nodiscard]] Result<void> insert_thing(sqlite::Database& database, const ThingRecord& record);
// Type, attributes and version.
[[nodiscard]] Result<void> update_thing(sqlite::Database& database, const ThingRecord& record);
// Deletes group memberships too; principals must be detached before.
[[nodiscard]] Result<void> delete_thing(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<std::vector<ThingRecord>> list_things(sqlite::Database& database,
                                                           const std::string& after,
                                                           const ThingFilter& filter,
                                                           std::int64_t limit);

}  // namespace imprint::local_registry
