// The shadows, each by its thing's name and its own. A thing need not be registered: shadows are a
// service of their own (shadow/document.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "local_registry/shadow/document.h"
#include "local_registry/shadow/names.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

// A deleted shadow's version counts on for 48 hours (AWS IoT Core developer guide, "Interacting
// with shadows"); one that was never there has version 0. now: milliseconds since 1970.
[[nodiscard]] Result<shadow::Document> read_shadow(sqlite::Database& database,
                                                   const shadow::Name& name, std::int64_t now);
[[nodiscard]] Result<void> write_shadow(sqlite::Database& database, const shadow::Name& name,
                                        const shadow::Document& document, std::int64_t now);
// Keeps the version. The shadow is there.
[[nodiscard]] Result<void> delete_shadow(sqlite::Database& database, const shadow::Name& name,
                                         std::int64_t now);
// The names of those that have one, behind `after`.
[[nodiscard]] Result<std::vector<std::string>> list_shadow_names(sqlite::Database& database,
                                                                 const std::string& thing,
                                                                 const std::string& after,
                                                                 std::int64_t limit);

}  // namespace imprint::local_registry
