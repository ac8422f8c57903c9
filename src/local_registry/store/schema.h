// The tables of registry.sqlite. The broker's plug-in reads the same file
// (plugin/admission_store.h). Times are whole milliseconds since 1970-01-01 UTC.
#pragma once

#include "sqlite/database.h"

namespace imprint::local_registry {

[[nodiscard]] const sqlite::Schema& registry_schema();

}  // namespace imprint::local_registry
