// Reads the facts for admission.h from registry.sqlite.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "local_registry/plugin/admission.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

[[nodiscard]] Result<std::optional<CertificateFacts>> read_facts(sqlite::Database& database,
                                                                 const std::string& certificate,
                                                                 const std::string& client_id);

}  // namespace imprint::local_registry
