// An AWS IoT policy document, as for CreatePolicy, as a value.
// Sources: AWS IoT Core developer guide, "AWS IoT Core policies" (Effect, Action, Resource, the
// same conventions as IAM); AWS IoT API reference, CreatePolicy (2048 characters); IAM user guide,
// "IAM JSON policy elements reference" (Version, Id, Sid, Condition). Decided where they say
// nothing: NotAction, NotResource and Principal, which the guide of AWS IoT never mentions, are
// malformed, and so is a duplicate member in an object.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::policy {

enum class Effect : std::uint8_t { allow, deny };

[[nodiscard]] std::string_view to_string(Effect effect);  // "Allow"

// One line of a statement's Condition block: operator, key, values.
struct Condition {
    std::string operation;            // as written: "ForAllValues:StringEquals"; known or not
    std::string key;                  // "iot:Connection.Thing.IsAttached"
    std::vector<std::string> values;  // never empty; with variables, and wildcards where they apply
};

struct Statement {
    std::string sid;  // empty: none
    Effect effect = Effect::deny;
    std::vector<std::string> actions;    // "iot:Connect", "iot:*"
    std::vector<std::string> resources;  // ARNs with wildcards and variables, or "*"
    std::vector<Condition> conditions;   // all must hold
};

struct Document {
    std::string version;
    std::vector<Statement> statements;

    // A document of 2008-10-17, the default without Version, treats ${…} as plain text (IAM user
    // guide, "IAM JSON policy elements: Version").
    [[nodiscard]] bool has_variables() const { return version == "2012-10-17"; }
};

// The error says what is malformed.
[[nodiscard]] std::expected<Document, std::string> parse(std::string_view text);

// "statement 2", or "statement 2 (\"Own topics\")"; index counts from 0.
[[nodiscard]] std::string name_of(const Statement& statement, std::size_t index);

}  // namespace imprint::policy
