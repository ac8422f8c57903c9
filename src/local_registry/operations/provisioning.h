// Executes a provisioning template: completely, or not at all.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "local_registry/operations/context.h"
#include "local_registry/operations/provisioning_document.h"
#include "local_registry/store/certificates.h"

namespace imprint::local_registry::operations {

// The plan's certificate, signed or read: done before the transaction, since it takes time. An
// empty record if the plan has none.
[[nodiscard]] Outcome<CertificateRecord> prepare_certificate(const Context& context,
                                                             const ProvisioningPlan& plan);

// Called within a transaction. Returns RegisterThing's output: resourceArns, certificatePem.
// Errors: ResourceRegistrationFailureException for anything that a single operation would have
// refused, ConflictingResourceUpdateException.
[[nodiscard]] Outcome<nlohmann::json> provision(const Context& context, sqlite::Database& database,
                                                const ProvisioningPlan& plan,
                                                CertificateRecord certificate);

}  // namespace imprint::local_registry::operations
