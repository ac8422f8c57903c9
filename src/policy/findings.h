// What is wrong with a document though it is well-formed: too wide, or without the effect that it
// looks to have. Found by asking the evaluator what a stranger and a board may do, where that is
// possible; a Deny that closes the gap silences the finding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/document.h"

namespace imprint::policy {

struct Finding {
    // wide_open       anybody with a certificate may do anything
    // connect_any     any client id may connect: one board can push out another
    // publish_any     a board may publish on any topic
    // subscribe_any   a board may subscribe to "#"
    // longer_names    ${…}* reaches the things whose names go on longer
    // arn_wildcard    a "*" for region or account takes in foreign topics too
    // variables_2008  ${…} in a document without Version 2012-10-17 is plain text
    // never_matches   an action, resource, variable or condition that fits no request
    // deny_variable   a Deny that is void where its variable has no value
    std::string code;
    std::optional<std::size_t> statement;  // from 0
    std::string text;                      // for a person; names the statement
};

[[nodiscard]] std::vector<Finding> find_faults(const Document& document);

// As wide as iot:* on *: a stranger, no thing being attached, may connect under any client id,
// publish on any topic, subscribe to "#" and receive it.
[[nodiscard]] bool is_wide_open(const Document& document);

// How the ARNs of a document begin, in its order: "arn:aws:iot:eu-west-1:123456789012:", with a
// region and an account to stand for wildcards. Never empty.
[[nodiscard]] std::vector<std::string> arn_starts(const Document& document);

}  // namespace imprint::policy
