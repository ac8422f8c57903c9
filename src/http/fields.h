// Names with values, in their order: headers, a query, a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The value of the first one with this very name.
[[nodiscard]] std::optional<std::string> find_field(const Fields& fields, std::string_view name);

// ASCII letters alone: the names of headers, schemes and hosts are alike in both cases.
[[nodiscard]] std::string lower_case(std::string_view text);

// Whether the text would end a header's line, or do worse to it.
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace imprint::http
