// Writes that were answered and have no effect yet: what a plan of faults with `lag` keeps here
// (faults/late_writes.h). They outlive the server, as everything does that was answered.
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
    std::string names;        // of what it writes to: those of one name have an order
    std::string request;      // JSON
    std::string choices;      // operations/choices.h
};

[[nodiscard]] Result<void> insert_pending_write(sqlite::Database& database,
                                                const PendingWrite& write);
// The earliest; of those due at one time the one that was answered first.
[[nodiscard]] Result<std::optional<PendingWrite>> next_pending_write(sqlite::Database& database);
// When the last one of these names is due, or the last of all.
[[nodiscard]] Result<std::optional<std::int64_t>> last_due(sqlite::Database& database,
                                                           std::string_view names);
[[nodiscard]] Result<std::optional<std::int64_t>> last_due(sqlite::Database& database);
[[nodiscard]] Result<void> delete_pending_write(sqlite::Database& database, std::int64_t number);

}  // namespace imprint::local_registry
