#include "base/toml_text.h"

#include <algorithm>

namespace imprint {

namespace {

constexpr std::string_view line_end = "\n";

// Where the string that begins here is over; one on a single line is so at the line's end at the
// latest.
std::size_t end_of_string(std::string_view toml, std::size_t at) {
    const char quote = toml[at];
    const bool escapes = quote == '"';
    const std::string_view three = escapes ? R"(""")" : "'''";
    const bool many_lines = toml.substr(at).starts_with(three);
    const std::string_view close = many_lines ? three : three.substr(0, 1);
    for (at += close.size(); at < toml.size(); ++at) {
        if (toml.substr(at).starts_with(close)) return at + close.size();
        if (!many_lines && toml[at] == '\n') return at;
        if (escapes && toml[at] == '\\' && toml.substr(at + 1, 1) != line_end) ++at;
    }
    return toml.size();
}

}  // namespace

std::optional<std::size_t> line_of_bare_non_ascii(std::string_view toml) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    std::size_t at = toml.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    while (at < toml.size()) {
        const char c = toml[at];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const auto before = toml.substr(0, at);
            return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
        }
        if (c == '"' || c == '\'')
            at = end_of_string(toml, at);
        else if (c == '#')
            at = std::min(toml.find('\n', at), toml.size());
        else
            ++at;
    }
    return std::nullopt;
}

}  // namespace imprint
