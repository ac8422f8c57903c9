// Names with values, in their order: headers, a query, a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The value of the first field with exactly this name.
[[nodiscard]] std::optional<std::string> find_field(const Fields& fields, std::string_view name);

}  // namespace imprint::http
