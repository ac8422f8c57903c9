#include "http/fields.h"

namespace imprint::http {

std::optional<std::string> find_field(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return std::nullopt;
}

}  // namespace imprint::http
