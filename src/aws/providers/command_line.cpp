#include "aws/providers/command_line.h"

#include <utility>

namespace imprint::aws {

std::optional<std::vector<std::string>> split_command_line(std::string_view text) {
    std::vector<std::string> parts;
    std::string part;
    bool inside = false;  // a part has begun, though perhaps with ""
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\'') {
            if (c == quote)
                quote = 0;
            else
                part += c;
            continue;
        }
        if (c == '\\') {
            if (++i == text.size()) return std::nullopt;
            // Within double quotes it keeps standing before anything but a quote and itself.
            if (quote == '"' && text[i] != '"' && text[i] != '\\') part += c;
            part += text[i];
            inside = true;
        } else if (c == quote && quote != 0) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            inside = true;
        } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            if (inside) parts.push_back(std::move(part));
            part.clear();
            inside = false;
        } else {
            part += c;
            inside = true;
        }
    }
    if (quote != 0) return std::nullopt;
    if (inside) parts.push_back(std::move(part));
    return parts;
}

}  // namespace imprint::aws
