// Evaluates policies for a request, with the reason.
// Sources: IAM user guide, "Policy evaluation logic" (an explicit Deny wins, then an Allow, else
// denied), which AWS IoT's guide refers to; AWS IoT Core developer guide, "AWS IoT Core policy
// actions" and "AWS IoT Core action resources". Names of actions are case-insensitive (IAM user
// guide, "IAM JSON policy elements: Action").
// Decided where they say nothing: a statement whose condition cannot be evaluated (condition.h)
// does not allow if it is an Allow, and denies if it is a Deny. A statement with a variable that
// has no value does not match, Allow or Deny: AWS says so, and findings.h warns of such a Deny.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/context.h"
#include "policy/document.h"

namespace imprint::policy {

struct AccessRequest {
    std::string action;  // "iot:Publish"
    std::string
        resource;  // "arn:aws:iot:eu-west-1:123456789012:topic/a/b"; MQTT's + and # are plain
};

// A document that is attached to the client.
struct Attached {
    std::string name;  // of the policy; may be empty
    Document document;
};

enum class Outcome : std::uint8_t { allowed, explicitly_denied, implicitly_denied };

[[nodiscard]] std::string_view to_string(Outcome outcome);  // "allowed", "explicitly denied", …

struct Decision {
    Outcome outcome = Outcome::implicitly_denied;
    // What decided; for an implicit denial the nearest miss, if there is one.
    std::string policy;
    std::optional<std::size_t> statement;  // from 0
    std::string why;                       // for a person, without a full stop

    [[nodiscard]] bool allowed() const { return outcome == Outcome::allowed; }
};

[[nodiscard]] Decision evaluate(std::span<const Attached> policies, const AccessRequest& request,
                                const Context& context);
[[nodiscard]] Decision evaluate(const Document& document, const AccessRequest& request,
                                const Context& context);

// Whether one of a statement's actions, with its wildcards, covers this one.
[[nodiscard]] bool covers_action(const Statement& statement, std::string_view action);

}  // namespace imprint::policy
