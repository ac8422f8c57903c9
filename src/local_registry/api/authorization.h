// What a key may do: the IAM policy that it was made with, as AWS weighs it before an operation.
// Sources: IAM User Guide, "Policy evaluation logic"; Service Authorization Reference, "Actions,
// resources, and condition keys for AWS IoT" (which resources an action is weighed against; with
// none of its own it needs "*").
#pragma once

#include <string>
#include <string_view>

#include "local_registry/api/api_error.h"
#include "local_registry/api/input.h"

namespace imprint::local_registry {

// policy empty: the key may do everything. The input is the one that the operation then works on.
// Errors: AccessDeniedException, and what is wrong with a member that it is weighed by.
[[nodiscard]] Outcome<void> authorize(const std::string& key_id, const std::string& policy,
                                      std::string_view operation, const Input& input,
                                      std::string_view region);

// The reason why a document cannot be a key's policy; empty: it can. Conditions are not weighed
// here, and so not taken.
[[nodiscard]] std::string fault_of_key_policy(const std::string& document);

}  // namespace imprint::local_registry
