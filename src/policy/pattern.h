// Texts of a policy as patterns: variables replaced, wildcards told apart from plain characters.
// Sources: AWS IoT Core developer guide, "AWS IoT Core policy variables" ("*" for any characters;
// MQTT's "+" and "#" are plain characters); IAM user guide, "IAM JSON policy elements: Resource"
// ("?" for one character; a "*" may reach over the ":" of an ARN) and "Variables and tags" (${*},
// ${?} and
// ${$} for the characters themselves).
// Decided: what replaces a variable is plain text, whatever is in it. AWS IoT's page writes $(*);
// that is taken for a slip of ${*}. IAM's default values, ${name, 'text'}, have no value here.
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

// The error is the name of a variable that has no value; with `variables` false there is none.
[[nodiscard]] std::expected<Pattern, std::string> expand(std::string_view text, bool variables,
                                                         Wildcards wildcards,
                                                         const Context& context);

[[nodiscard]] bool matches(const Pattern& pattern, std::string_view text);
// How many leading bytes of the text the plain beginning of the pattern has in common with it.
[[nodiscard]] std::size_t common_start(const Pattern& pattern, std::string_view text);

// The names between ${ and }, without the escapes; an opened one without an end is given whole.
[[nodiscard]] std::vector<std::string> variables_in(std::string_view text);

// Without "arn:aws:iot:region:account:", if it begins like that.
[[nodiscard]] std::string_view without_arn(std::string_view resource);

}  // namespace imprint::policy
