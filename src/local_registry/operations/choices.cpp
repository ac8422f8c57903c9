#include "local_registry/operations/choices.h"

#include <nlohmann/json.hpp>

namespace imprint::local_registry {

using nlohmann::json;

Choices Choices::from_text(std::string_view text) {
    Choices choices;
    const json noted = json::parse(text, nullptr, false);
    if (!noted.is_object()) return choices;
    for (const auto& [kind, values] : noted.items())
        choices.drawn_[kind].values = values.get<std::vector<std::string>>();
    return choices;
}

std::string Choices::to_text() const {
    json noted = json::object();
    for (const auto& [kind, drawn] : drawn_)
        noted[kind] = drawn.values;
    return noted.dump();
}

Outcome<std::string> Choices::settle(std::string_view kind, const Make& make) {
    Drawn& drawn = drawn_[std::string(kind)];
    if (drawn.given == drawn.values.size()) {
        IMPRINT_TRY(auto value, make());
        drawn.values.push_back(std::move(value));
    }
    return drawn.values[drawn.given++];
}

}  // namespace imprint::local_registry
