#include "base/toml_text.h"

#include <algorithm>

namespace imprint {

namespace {

constexpr std::string_view line_end = "\n";

// The length of the byte order mark at its beginning.
std::size_t mark_of(std::string_view toml) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return toml.starts_with(mark) ? mark.size() : 0;
}

// Where the string that begins here is over; one on a single line is so at the line's end at the
// latest.
std::size_t end_of_string(std::string_view toml, std::size_t at) {
    const char quote = toml[at];
    const bool escapes = quote == '"';
    const std::string_view three = escapes ? R"(""")" : "'''";
    const bool many_lines = toml.substr(at).starts_with(three);
    const std::string_view close = many_lines ? three : three.substr(0, 1);
    for (at += close.size(); at < toml.size(); ++at) {
        if (toml.substr(at).starts_with(close)) {
            at += close.size();
            // One or two quotes may stand right before the three that close.
            for (int more = 0; many_lines && more < 2 && toml.substr(at, 1) == close.substr(0, 1);
                 ++more)
                ++at;
            return at;
        }
        if (!many_lines && toml[at] == '\n') return at;
        if (escapes && toml[at] == '\\' && toml.substr(at + 1, 1) != line_end) ++at;
    }
    return toml.size();
}

// The line, from 1, of the first character outside of strings and comments that is `found`.
template <typename Found>
std::optional<std::size_t> first_line_of(std::string_view toml, Found found) {
    std::size_t at = mark_of(toml);
    while (at < toml.size()) {
        const char c = toml[at];
        if (found(c)) {
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

}  // namespace

std::string ascii_image(std::string_view toml) {
    std::string image(toml);
    std::ranges::replace_if(
        std::ranges::subrange(image.begin() + static_cast<std::ptrdiff_t>(mark_of(toml)),
                              image.end()),
        [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, 'x');
    return image;
}

std::optional<std::size_t> line_of_bare_non_ascii(std::string_view toml) {
    return first_line_of(toml, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::optional<std::size_t> line_of_deep_key(std::string_view toml) {
    constexpr std::size_t most_dots = 15;
    std::size_t dots = 0;
    return first_line_of(toml, [&dots](char c) {
        if (std::string_view("=,[]{}\n").contains(c)) dots = 0;
        return c == '.' && ++dots > most_dots;
    });
}

}  // namespace imprint
