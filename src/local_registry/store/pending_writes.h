// Writes that were answered and have no effect yet: stored here by a fault plan with `lag`
// (faults/late_writes.h). They outlive the server, like everything that was answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct PendingWrite {
    std::int64_t number = 0;  // given at insertion
    std::int64_t due = 0;     // milliseconds since 1970
    std::string names;        // of what it writes to: writes to the same names keep their order
    std::string request;      // JSON
    std::string choices;      // operations/choices.h
};

[[nodiscard]] Result<void> insert_pending_write(sqlite::Database& database,
                                                const PendingWrite& write);
// The earliest; of several due at the same time, the one that was answered first.
[[nodiscard]] Result<std::optional<PendingWrite>> next_pending_write(sqlite::Database& database);
// When the last write to these names is due, or the last of all.
[[nodiscard]] Result<std::optional<std::int64_t>> last_due(sqlite::Database& database,
                                                           std::string_view names);
[[nodiscard]] Result<std::optional<std::int64_t>> last_due(sqlite::Database& database);
[[nodiscard]] Result<void> delete_pending_write(sqlite::Database& database, std::int64_t number);

}  // namespace imprint::local_registry
