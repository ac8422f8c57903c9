// What a key may do: the IAM policy that it was created with, evaluated before an operation as in
// AWS.
// Sources: IAM User Guide, "Policy evaluation logic"; Service Authorization Reference, "Actions,
// resources, and condition keys for AWS IoT" (the resources that an action is checked against; with
// none of its own it needs "*").
#pragma once

#include <string>
#include <string_view>

#include "local_registry/api/api_error.h"
#include "local_registry/api/input.h"
#include "local_registry/api/routes.h"

namespace imprint::local_registry {

// policy empty: the key may do everything. The operation then works on the same input. Errors:
// AccessDeniedException, and those of an invalid member that the decision depends on.
[[nodiscard]] Outcome<void> authorize(const std::string& key_id, const std::string& policy,
                                      std::string_view operation, const Input& input,
                                      std::string_view region, Plane plane = Plane::control);

// The reason why a document cannot be a key's policy; empty: it can. Conditions are not evaluated
// here, and are therefore rejected.
[[nodiscard]] std::string fault_of_key_policy(const std::string& document);

}  // namespace imprint::local_registry
