// Problems of a well-formed document: too wide, or without the effect that it seems to have. Where
// possible, they are found by asking the evaluator what a stranger and a board may do; a Deny that
// closes the gap suppresses the finding.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/document.h"
#include "policy/evaluate.h"

namespace imprint::policy {

struct Finding {
    // wide_open       anybody with a certificate may do anything
    // connect_any     any client id may connect: one board can push out another
    // publish_any     a board may publish on any topic
    // subscribe_any   a board may subscribe to "#"
    // longer_names    ${…}* also matches things whose names continue after it
    // arn_wildcard    a "*" for region or account also matches foreign topics
    // variables_2008  ${…} in a document without Version 2012-10-17 is plain text
    // never_matches   an action, resource, variable or condition that matches no request
    // deny_variable   a Deny that has no effect where its variable has no value
    std::string code;
    std::optional<std::size_t> statement;  // from 0
    std::string text;                      // for a person; includes the statement
};

[[nodiscard]] std::vector<Finding> find_faults(const Document& document);

// As wide as iot:* on *: a stranger without an attached thing may connect under any client id,
// publish on any topic, subscribe to "#" and receive it.
[[nodiscard]] bool is_wide_open(const Document& document);

// The same for several that a client has together: a Deny of one closes what another opens.
[[nodiscard]] bool is_wide_open(std::span<const Attached> policies);

// The starts of a document's ARNs, in its order: "arn:aws:iot:eu-west-1:123456789012:", with an
// example region and account in place of wildcards. Never empty.
[[nodiscard]] std::vector<std::string> arn_starts(const Document& document);

}  // namespace imprint::policy
