#include "aws/secret_member.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace imprint::aws {

namespace {

// RFC 8259, 7: the character that is written with a backslash and `escape`; 0: none.
char unescaped(char escape) {
    constexpr std::string_view written = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    const std::size_t at = written.find(escape);
    return at == std::string_view::npos ? '\0' : meant[at];
}

// "006e" → 'n'; 0: not ASCII.
char of_code(std::string_view digits) {
    unsigned code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || digits.size() != 4 || end != digits.data() + 4 || code > 0x7F)
        return '\0';
    return static_cast<char>(code);
}

// Where the text of the member begins, behind its quotation mark.
std::size_t find_text(std::string_view json, std::string_view name) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::string quoted = fmt::format("\"{}\"", name);
    for (std::size_t at = 0; (at = json.find(quoted, at)) != std::string_view::npos; ++at) {
        std::size_t next = json.find_first_not_of(blanks, at + quoted.size());
        if (next == std::string_view::npos || json[next] != ':') continue;
        next = json.find_first_not_of(blanks, next + 1);
        if (next != std::string_view::npos && json[next] == '"') return next + 1;
    }
    return std::string_view::npos;
}

}  // namespace

Secret take_text_member(std::string& json, std::string_view name) {
    const std::size_t begin = find_text(json, name);
    if (begin == std::string::npos) return {};
    Bytes text;
    text.reserve(json.size() - begin);
    bool sound = true;
    std::size_t at = begin;
    while (at < json.size() && json[at] != '"') {
        char c = json[at];
        std::size_t length = 1;
        if (c == '\\') {
            const bool coded = at + 1 < json.size() && json[at + 1] == 'u';
            length = coded ? 6 : 2;
            c = coded ? of_code(std::string_view(json).substr(at + 2, 4))
                      : unescaped(at + 1 < json.size() ? json[at + 1] : '\0');
        }
        sound &= c != '\0' && static_cast<unsigned char>(c) < 0x80;
        text.push_back(static_cast<std::uint8_t>(c));
        at += length;
    }
    sound &= at < json.size();
    at = std::min(at, json.size());
    std::fill(json.begin() + static_cast<std::ptrdiff_t>(begin),
              json.begin() + static_cast<std::ptrdiff_t>(at), ' ');
    Secret secret(std::move(text));
    return sound ? std::move(secret) : Secret();
}

}  // namespace imprint::aws
