// The part of a merge that brings lots and serial numbers; for sqlite_merge.cpp.
#pragma once

#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {

// Inside the merge's transaction, after the attempts: the other ledger is attached as `other`.
[[nodiscard]] Result<void> bring_lots(sqlite::Database& database, MergeReport& report);

}  // namespace imprint::ledger
