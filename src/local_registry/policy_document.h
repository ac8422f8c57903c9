// A policy document as the registry accepts it, and as an evaluator will want it.
// Source: AWS IoT Core developer guide, "AWS IoT Core policies"; IAM user guide, "IAM JSON policy
// elements reference".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::local_registry {

struct PolicyStatement {
    bool allow = false;
    std::vector<std::string> actions;    // "iot:Connect", "iot:*"
    std::vector<std::string> resources;  // ARNs with wildcards and variables, or "*"
    std::string conditions;              // the Condition object's JSON text; empty: none
};

struct PolicyDocument {
    std::string version;
    std::vector<PolicyStatement> statements;
};

// The error says what is malformed.
[[nodiscard]] std::expected<PolicyDocument, std::string> parse_policy_document(
    std::string_view text);

}  // namespace imprint::local_registry
