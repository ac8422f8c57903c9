// Small lists and maps that are stored as JSON text in a column.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::local_registry {

using Attributes = std::map<std::string, std::string>;

[[nodiscard]] std::string to_column(const Attributes& attributes);
[[nodiscard]] std::string to_column(const std::vector<std::string>& list);
[[nodiscard]] Attributes attributes_of_column(std::string_view text);
[[nodiscard]] std::vector<std::string> list_of_column(std::string_view text);

}  // namespace imprint::local_registry
