#include "events/csv.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/terminal_text.h"

namespace imprint::events::detail {

std::string csv_text(const std::string& text) {
    if (std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7F'; })) return text;
    using nlohmann::json;
    return without_steering(
        json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
            .get<std::string>(),
        LineBreaks::kept);
}

}  // namespace imprint::events::detail
