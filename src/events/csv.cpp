#include "events/csv.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace imprint::events::detail {

std::string csv_text(const std::string& text) {
    if (std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7F'; })) return text;
    using nlohmann::json;
    std::string readable =
        json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
            .get<std::string>();
    for (std::size_t i = 0; i < readable.size(); ++i) {
        if (is_control(readable[i]) && readable[i] != '\n') readable[i] = '?';
        // U+0080 to U+009F, which some terminals take for control sequences.
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(readable[at]); };
        if (byte(i) == 0xC2 && i + 1 < readable.size() && byte(i + 1) < 0xA0)
            readable.replace(i, 2, "?");
    }
    return readable;
}

}  // namespace imprint::events::detail
