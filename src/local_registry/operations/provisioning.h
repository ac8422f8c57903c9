// A provisioning template carried out: everything of it, or nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "local_registry/operations/context.h"
#include "local_registry/operations/provisioning_document.h"
#include "local_registry/store/certificates.h"

namespace imprint::local_registry::operations {

// The plan's certificate, signed or read: before the transaction, for it takes its time. Without
// one in the plan, an empty record.
[[nodiscard]] Outcome<CertificateRecord> prepare_certificate(const Context& context,
                                                             const ProvisioningPlan& plan);

// Within a transaction. Gives RegisterThing's output: resourceArns, certificatePem. Errors:
// ResourceRegistrationFailureException with what a single operation would have refused,
// ConflictingResourceUpdateException.
[[nodiscard]] Outcome<nlohmann::json> provision(const Context& context, sqlite::Database& database,
                                                const ProvisioningPlan& plan,
                                                CertificateRecord certificate);

}  // namespace imprint::local_registry::operations
