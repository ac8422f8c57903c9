#include "image/number.h"

#include "image/text.h"

namespace imprint::image {

namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    constexpr std::int64_t limit = std::int64_t{1} << 48;
    std::int64_t unit = 1;
    if (!text.empty()) {
        const char last = text.back();
        if (last == 'k' || last == 'K') unit = 1024;
        if (last == 'm' || last == 'M') unit = 1048576;
        if (unit != 1) text = without_blanks(text.substr(0, text.size() - 1));
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

}  // namespace imprint::image
