// Texts of a policy as patterns: variables replaced, wildcards distinguished from plain characters.
// Sources: AWS IoT Core developer guide, "AWS IoT Core policy variables" ("*" for any characters;
// MQTT's "+" and "#" are plain characters); IAM user guide, "IAM JSON policy elements: Resource"
// ("?" for one character; a "*" may extend over the ":" of an ARN) and "Variables and tags" (${*},
// ${?} and ${$} for the characters themselves).
// Decided: the value of a variable is plain text, whatever it contains. AWS IoT's page has $(*),
// which is assumed to be a typo of ${*}. IAM's default values, ${name, 'text'}, have no value here.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"

namespace imprint::policy {

enum class Wildcards : std::uint8_t { none, of_policies };

struct Pattern {
    std::vector<std::uint16_t> tokens;  // bytes, or one of the wildcards
    std::string text;                   // for a person: variables replaced, wildcards as written
};

// The error is the name of a variable without a value; there is none if `variables` is false.
[[nodiscard]] std::expected<Pattern, std::string> expand(std::string_view text, bool variables,
                                                         Wildcards wildcards,
                                                         const Context& context);

[[nodiscard]] bool matches(const Pattern& pattern, std::string_view text);
// How many leading bytes the text and the plain start of the pattern have in common.
[[nodiscard]] std::size_t common_start(const Pattern& pattern, std::string_view text);

// The names between ${ and }, without the escapes; one without a closing } is returned whole.
[[nodiscard]] std::vector<std::string> variables_in(std::string_view text);

// Without "arn:aws:iot:region:account:", if it starts with that.
[[nodiscard]] std::string_view without_arn(std::string_view resource);

}  // namespace imprint::policy
