#include "local_registry/store/json_columns.h"

#include <nlohmann/json.hpp>

namespace imprint::local_registry {

using nlohmann::json;

std::string to_column(const Attributes& attributes) {
    return json(attributes).dump();
}

std::string to_column(const std::vector<std::string>& list) {
    return json(list).dump();
}

Attributes attributes_of_column(std::string_view text) {
    return json::parse(text).get<Attributes>();
}

std::vector<std::string> list_of_column(std::string_view text) {
    return json::parse(text).get<std::vector<std::string>>();
}

}  // namespace imprint::local_registry
