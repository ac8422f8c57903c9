// The operations, named as in the service models of AWS IoT and its data planes. Each
// is a function from an input to an output; api/routes.cpp maps requests to them.
#pragma once

#include "local_registry/operations/context.h"

namespace imprint::local_registry::operations {

#define IMPRINT_OPERATION(name) \
    [[nodiscard]] Outcome<nlohmann::json> name(const Context& context, const Input& input)

IMPRINT_OPERATION(describe_endpoint);

IMPRINT_OPERATION(create_thing_type);
IMPRINT_OPERATION(describe_thing_type);
IMPRINT_OPERATION(list_thing_types);
IMPRINT_OPERATION(deprecate_thing_type);
IMPRINT_OPERATION(delete_thing_type);

IMPRINT_OPERATION(create_thing);
IMPRINT_OPERATION(describe_thing);
IMPRINT_OPERATION(update_thing);
IMPRINT_OPERATION(delete_thing);
IMPRINT_OPERATION(list_things);

IMPRINT_OPERATION(create_thing_group);
IMPRINT_OPERATION(describe_thing_group);
IMPRINT_OPERATION(list_thing_groups);
IMPRINT_OPERATION(delete_thing_group);
IMPRINT_OPERATION(add_thing_to_thing_group);
IMPRINT_OPERATION(remove_thing_from_thing_group);
IMPRINT_OPERATION(list_thing_groups_for_thing);
IMPRINT_OPERATION(list_things_in_thing_group);

IMPRINT_OPERATION(create_certificate_from_csr);
IMPRINT_OPERATION(create_keys_and_certificate);
IMPRINT_OPERATION(register_certificate);
IMPRINT_OPERATION(register_certificate_without_ca);
IMPRINT_OPERATION(list_certificates_by_ca);
IMPRINT_OPERATION(describe_certificate);
IMPRINT_OPERATION(update_certificate);
IMPRINT_OPERATION(delete_certificate);
IMPRINT_OPERATION(list_certificates);

IMPRINT_OPERATION(get_registration_code);
IMPRINT_OPERATION(register_ca_certificate);
IMPRINT_OPERATION(describe_ca_certificate);
IMPRINT_OPERATION(list_ca_certificates);
IMPRINT_OPERATION(update_ca_certificate);
IMPRINT_OPERATION(delete_ca_certificate);

IMPRINT_OPERATION(create_provisioning_template);
IMPRINT_OPERATION(describe_provisioning_template);
IMPRINT_OPERATION(list_provisioning_templates);
IMPRINT_OPERATION(delete_provisioning_template);
IMPRINT_OPERATION(register_thing);

IMPRINT_OPERATION(create_policy);
IMPRINT_OPERATION(get_policy);
IMPRINT_OPERATION(list_policies);
IMPRINT_OPERATION(delete_policy);
IMPRINT_OPERATION(create_policy_version);
IMPRINT_OPERATION(get_policy_version);
IMPRINT_OPERATION(list_policy_versions);
IMPRINT_OPERATION(delete_policy_version);
IMPRINT_OPERATION(set_default_policy_version);

IMPRINT_OPERATION(attach_policy);
IMPRINT_OPERATION(detach_policy);
IMPRINT_OPERATION(list_attached_policies);
IMPRINT_OPERATION(list_targets_for_policy);
IMPRINT_OPERATION(attach_principal_policy);

IMPRINT_OPERATION(attach_thing_principal);
IMPRINT_OPERATION(detach_thing_principal);
IMPRINT_OPERATION(list_thing_principals);
IMPRINT_OPERATION(list_principal_things);
IMPRINT_OPERATION(list_thing_principals_v2);
IMPRINT_OPERATION(list_principal_things_v2);

IMPRINT_OPERATION(create_job);
IMPRINT_OPERATION(describe_job);
IMPRINT_OPERATION(get_job_document);
IMPRINT_OPERATION(list_jobs);
IMPRINT_OPERATION(cancel_job);
IMPRINT_OPERATION(delete_job);
IMPRINT_OPERATION(describe_job_execution);
IMPRINT_OPERATION(cancel_job_execution);
IMPRINT_OPERATION(list_job_executions_for_job);
IMPRINT_OPERATION(list_job_executions_for_thing);

IMPRINT_OPERATION(get_pending_job_executions);
IMPRINT_OPERATION(start_next_pending_job_execution);
IMPRINT_OPERATION(describe_job_execution_of_device);
IMPRINT_OPERATION(update_job_execution);

IMPRINT_OPERATION(get_thing_shadow);
IMPRINT_OPERATION(update_thing_shadow);
IMPRINT_OPERATION(delete_thing_shadow);
IMPRINT_OPERATION(list_named_shadows_for_thing);
IMPRINT_OPERATION(publish);

#undef IMPRINT_OPERATION

}  // namespace imprint::local_registry::operations
