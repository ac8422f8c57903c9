#include "image/number.h"

#include <fmt/format.h>

namespace imprint::image {

namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

// Length of the well-formed UTF-8 sequence at the start (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) return 1;
    std::size_t length = 0;
    unsigned char low = 0x80;  // bounds of the second byte: no overlong forms, no surrogates
    unsigned char high = 0xBF;
    if (byte(0) >= 0xC2 && byte(0) <= 0xDF) {
        length = 2;
    } else if (byte(0) >= 0xE0 && byte(0) <= 0xEF) {
        length = 3;
        if (byte(0) == 0xE0) low = 0xA0;
        if (byte(0) == 0xED) high = 0x9F;
    } else if (byte(0) >= 0xF0 && byte(0) <= 0xF4) {
        length = 4;
        if (byte(0) == 0xF0) low = 0x90;
        if (byte(0) == 0xF4) high = 0x8F;
    }
    if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    return length;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    constexpr std::int64_t limit = std::int64_t{1} << 48;
    std::int64_t unit = 1;
    if (!text.empty()) {
        const char last = text.back();
        if (last == 'k' || last == 'K') unit = 1024;
        if (last == 'm' || last == 'M') unit = 1024 * 1024;
        if (unit != 1) text.remove_suffix(1);
    }
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        const char mark = text[1];
        if (mark == 'x' || mark == 'X') base = 16;
        if (mark == 'o' || mark == 'O') base = 8;
        if (mark == 'b' || mark == 'B') base = 2;
        if (base != 10) text.remove_prefix(2);
    }
    if (text.empty() || text.back() == '_') return std::nullopt;
    if (base == 10 && text[0] == '_') return std::nullopt;
    std::int64_t value = 0;
    bool after_underscore = false;
    for (const char c : text) {
        if (c == '_') {
            if (after_underscore) return std::nullopt;
            after_underscore = true;
            continue;
        }
        after_underscore = false;
        const int digit = digit_value(c);
        if (digit >= base) return std::nullopt;
        value = value * base + digit;
        if (value > limit) return std::nullopt;
    }
    // "010" reads as eight to some and as ten to others: Python takes it for neither.
    if (base == 10 && value != 0 && text[0] == '0') return std::nullopt;
    if (value > limit / unit) return std::nullopt;
    value *= unit;
    return negative ? -value : value;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        const std::size_t length = utf8_length(text);
        // C1 control characters (C2 80 to C2 9F) move a terminal's cursor as C0 ones do.
        const bool control =
            byte < 0x20 || byte == 0x7F ||
            (byte == 0xC2 && length == 2 && static_cast<unsigned char>(text[1]) < 0xA0);
        if (length == 0 || control) {
            out += fmt::format("\\x{:02x}", byte);
            text.remove_prefix(1);
            continue;
        }
        if (byte == '"' || byte == '\\') out += '\\';
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

}  // namespace imprint::image
