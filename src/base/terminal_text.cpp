#include "base/terminal_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace imprint {

namespace {

struct Range {
    std::string_view first;
    std::string_view last;  // the two differ in their last byte
};

constexpr std::array<Range, 5> steering{{
    {"\xC2\x80", "\xC2\x9F"},          // C1
    {"\xD8\x9C", "\xD8\x9C"},          // U+061C
    {"\xE2\x80\x8E", "\xE2\x80\x8F"},  // U+200E, U+200F
    {"\xE2\x80\xA8", "\xE2\x80\xAE"},  // U+2028 and U+2029, U+202A to U+202E
    {"\xE2\x81\xA6", "\xE2\x81\xA9"},  // U+2066 to U+2069
}};

}  // namespace

std::size_t steering_length(std::string_view text) {
    if (is_control(text.front())) return 1;
    const std::string_view character = text.substr(0, utf8_length(text));
    const bool found = std::ranges::any_of(steering, [character](const Range& range) {
        return character.size() == range.first.size() && character >= range.first &&
               character <= range.last;
    });
    return found ? character.size() : 0;
}

bool has_steering(std::string_view text) {
    while (!text.empty()) {
        if (steering_length(text) > 0) return true;
        text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
    }
    return false;
}

std::string without_steering(std::string_view text, LineBreaks breaks) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
        const bool is_kept = (text.front() == '\n' && breaks == LineBreaks::kept) ||
                             (utf8_length(text) != 0 && steering_length(text) == 0);
        if (is_kept)
            out += text.substr(0, length);
        else
            out += '?';
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace imprint
