#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct ThingTypeRecord {
    std::string name;
    std::string id;
    std::string description;
    std::vector<std::string> searchable;  // attribute names, in byte order
    std::int64_t created = 0;
    std::optional<std::int64_t> deprecated;  // since when
};

[[nodiscard]] Result<std::optional<ThingTypeRecord>> find_thing_type(sqlite::Database& database,
                                                                     const std::string& name);
[[nodiscard]] Result<void> insert_thing_type(sqlite::Database& database,
                                             const ThingTypeRecord& record);
[[nodiscard]] Result<void> set_thing_type_deprecated(sqlite::Database& database,
                                                     const std::string& name,
                                                     std::optional<std::int64_t> since);
[[nodiscard]] Result<bool> is_thing_type_used(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<void> delete_thing_type(sqlite::Database& database, const std::string& name);
// Sorted by name, after `after`. only: only this one, if it exists.
[[nodiscard]] Result<std::vector<ThingTypeRecord>> list_thing_types(
    sqlite::Database& database, const std::string& after, const std::optional<std::string>& only,
    std::int64_t limit);

}  // namespace imprint::local_registry
