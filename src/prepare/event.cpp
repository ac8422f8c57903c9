#include "prepare/event.h"

#include <nlohmann/json.hpp>

namespace imprint::prepare {

const EventValue* Event::detail(std::string_view key) const {
    for (const auto& [name_of, value] : details)
        if (name_of == key) return &value;
    return nullptr;
}

std::string to_json(const Event& event) {
    nlohmann::ordered_json line;
    line["v"] = Event::version;
    line["event"] = event.name;
    line["time"] = to_iso8601(event.time);
    if (!event.bay.empty()) line["bay"] = event.bay;
    if (event.mac) line["mac"] = event.mac->id();
    for (const auto& detail : event.details)
        std::visit([&](const auto& plain) { line[detail.first] = plain; }, detail.second);
    // A console line may hold any byte; replace what is not UTF-8 rather than throw.
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace imprint::prepare
