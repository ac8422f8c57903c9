// The ledger's tables. docs/ledger.md documents them as an interface. Steps are only ever added.
#pragma once

#include "sqlite/database.h"

namespace imprint::ledger {

[[nodiscard]] const sqlite::Schema& schema();

}  // namespace imprint::ledger
