#include "image/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/terminal_text.h"
#include "base/text.h"

namespace imprint::image {

namespace {

void append_utf8(std::string& text, std::uint32_t c) {
    const auto tail = [&](unsigned shift) {
        text += static_cast<char>(0x80 | (c >> shift & 0x3F));
    };
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

// Of a well-formed sequence.
char32_t code_point(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return first;
    char32_t c = first & (0x7FU >> sequence.size());
    for (const char more : sequence.substr(1))
        c = c << 6 | (static_cast<unsigned char>(more) & 0x3FU);
    return c;
}

// White space beyond ASCII (Unicode's White_Space, with the separators that Python counts too).
bool is_blank(char32_t c) {
    constexpr std::array<char32_t, 12> others{0x20,   0x85,   0xA0,   0x1680, 0x2028, 0x2029,
                                              0x202F, 0x205F, 0x3000, 0x1C,   0x1D,   0x1E};
    return (c >= 0x09 && c <= 0x0D) || c == 0x1F || (c >= 0x2000 && c <= 0x200A) ||
           std::ranges::find(others, c) != others.end();
}

// Zero width: joiners, marks of direction, soft hyphen, a byte-order mark inside of a text.
bool is_invisible(char32_t c) {
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

// Where the last character of a text begins.
std::size_t last_character(std::string_view text) {
    std::size_t at = text.size() - 1;
    while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
        --at;
    return at;
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0 || !is_blank(code_point(text.substr(0, length)))) break;
        text.remove_prefix(length);
    }
    while (!text.empty()) {
        const std::string_view last = text.substr(last_character(text));
        if (utf8_length(last) != last.size() || !is_blank(code_point(last))) break;
        text.remove_suffix(last.size());
    }
    return text;
}

std::string unseen_character(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length > 1) {
            const char32_t c = code_point(text.substr(0, length));
            if (is_blank(c) || is_invisible(c))
                return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return {};
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::size_t hidden = length == 0 ? 1 : steering_length(text);
        if (hidden > 0) {
            for (const char c : text.substr(0, hidden))
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            text.remove_prefix(hidden);
            continue;
        }
        if (text[0] == '"' || text[0] == '\\') out += '\\';
        out += text.substr(0, length);
        text.remove_prefix(length);
    }
    return out + '"';
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string utf8_from_utf16(ByteView bytes, bool big_endian) {
    std::string text;
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        return big_endian ? static_cast<std::uint32_t>(bytes[at]) << 8 | bytes[at + 1]
                          : static_cast<std::uint32_t>(bytes[at + 1]) << 8 | bytes[at];
    };
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        std::uint32_t c = unit(at);
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
            const std::uint32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        append_utf8(text, c);
    }
    return text;
}

}  // namespace imprint::image
