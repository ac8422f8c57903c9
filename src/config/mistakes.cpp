#include "config/mistakes.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>

#include "base/text.h"
#include "prepare/settings.h"

namespace imprint::config {

namespace {

constexpr const char* save_as_utf8 = "save it as UTF-8: the editor's \"Save as\" has the choice";

// Of an editor that writes two bytes a character.
bool is_utf16(std::string_view text) {
    return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
           text.substr(0, 64).contains('\0');
}

// The length of the longest start that is whole UTF-8.
std::size_t utf8_start(std::string_view text) {
    std::size_t good = 0;
    while (good < text.size()) {
        const std::size_t length = utf8_length(text.substr(good));
        if (length == 0) break;
        good += length;
    }
    return good;
}

// In ISO 8859-1, which older editors write, a byte is the character of its number.
std::string as_latin_1(unsigned char byte) {
    if (byte < 0xA0) return {};
    return fmt::format(", a Latin-1 \"{}{}\"", static_cast<char>(0xC0 | (byte >> 6)),
                       static_cast<char>(0x80 | (byte & 0x3F)));
}

// The line, without its number.
std::string_view line_at(std::string_view text, std::uint32_t number) {
    for (std::uint32_t line = 1; line < number; ++line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

// "region = eu-west-1": a value that is none, and would be a text in quotes.
std::optional<std::string> bare_text(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = trimmed(line.substr(0, equals));
    std::string_view value = line.substr(equals + 1);
    value = trimmed(value.substr(0, value.find('#')));
    // The value itself is not shown: it may be a secret. A number, a list or a table is no text.
    const bool is_word = !value.empty() && std::ranges::all_of(value, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("-_./:@+ ").contains(c);
    });
    if (key.empty() || !is_word || std::isdigit(static_cast<unsigned char>(value.front())) != 0)
        return std::nullopt;
    for (const std::string_view word : {"True", "False", "TRUE", "FALSE", "yes", "no", "on", "off"})
        if (value == word) return "write true or false";
    return fmt::format("a text needs quotes: {} = \"…\"", key);
}

// "[station]", "[[firmware.files]]" without what stands around it; empty: no heading.
std::string_view heading_of(std::string_view line) {
    line = trimmed(line.substr(0, line.find('#')));
    if (!line.starts_with('[') || !line.ends_with(']')) return {};
    while (line.starts_with('['))
        line.remove_prefix(1);
    while (line.ends_with(']'))
        line.remove_suffix(1);
    return trimmed(line);
}

// The first line that has the heading of this one.
std::optional<std::uint32_t> earlier_heading(std::string_view text, std::uint32_t number) {
    const std::string_view heading = heading_of(line_at(text, number));
    for (std::uint32_t line = 1; line < number; ++line)
        if (!heading.empty() && heading_of(line_at(text, line)) == heading) return line;
    return std::nullopt;
}

// The first line before this one that sets the key that this one sets again.
std::optional<std::uint32_t> earlier_key(std::string_view text, std::uint32_t number) {
    const auto key_of = [](std::string_view line) {
        return trimmed(line.substr(0, std::min(line.find('='), line.size())));
    };
    const std::string_view key = key_of(line_at(text, number));
    for (std::uint32_t line = number - 1; line >= 1; --line) {
        const std::string_view before = line_at(text, line);
        if (before.find('=') != std::string_view::npos && key_of(before) == key) return line;
        if (trimmed(before).starts_with('[')) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> hint_for_twice(std::string_view text, std::uint32_t line) {
    const std::string_view heading = heading_of(line_at(text, line));
    if (heading.empty()) {
        if (const auto earlier = earlier_key(text, line))
            return fmt::format("it is set in line {} already", *earlier);
        return std::nullopt;
    }
    if (const auto earlier = earlier_heading(text, line))
        return fmt::format("[{}] begins in line {} already: put its keys there", heading, *earlier);
    return fmt::format("keys of [{}] stand above already: put all of them below one heading",
                       heading);
}

}  // namespace

Result<void> check_encoding(std::string_view text, const std::filesystem::path& file) {
    if (is_utf16(text))
        return fail(ErrorKind::config, "config_syntax",
                    fmt::format("{} is UTF-16 text", file.string()), save_as_utf8);
    const std::size_t good = utf8_start(text);
    if (good == text.size()) return {};
    const std::string_view before = text.substr(0, good);
    const auto byte = static_cast<unsigned char>(text[good]);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t start = before.rfind('\n') + 1;
    // Of a character of several bytes, only the first counts.
    const auto column = 1 + std::ranges::count_if(before.substr(start), [](char c) {
                            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                        });
    return fail(ErrorKind::config, "config_syntax",
                fmt::format("{} line {} column {}: the byte {:#04x}{} is no UTF-8", file.string(),
                            line, column, byte, as_latin_1(byte)),
                save_as_utf8);
}

// The words are those of toml++.
std::string hint_for_syntax(std::string_view text, const SyntaxFault& fault) {
    const std::string_view line = line_at(text, fault.line);
    if (fault.why.contains("redefine"))
        if (auto twice = hint_for_twice(text, fault.line)) return *std::move(twice);
    if (fault.why.contains("escape sequence") || fault.why.contains("unicode scalar"))
        return std::string(backslash_hint);
    if (fault.why.contains("control characters") && fault.column > line.size())
        return "the text does not end in its line: close it with the quote that it began with";
    if (fault.why.contains("expected '=', saw ':'")) return "write key = value";
    if (fault.why.contains("inline table"))
        return "a table in { } stands on one line; a longer one gets a heading of its own, such as "
               "[identity.attributes]";
    if (fault.why.contains("expected comma")) return "a comma stands between two items of a list";
    if (auto quoted = bare_text(line)) return *std::move(quoted);
    return "see https://toml.io for what a file may look like";
}

std::string hint_for_value(const Key& key) {
    const std::string_view name = key.name.substr(key.name.rfind('.') + 1);
    if (!key.choices.empty()) return fmt::format("for example {} = \"{}\"", name, key.choices[0]);
    if (key.type == KeyType::boolean) return fmt::format("for example {} = true", name);
    const KeyValue value = key.get(prepare::Settings{});
    const std::string usual = std::holds_alternative<std::monostate>(value) ? std::string(key.usual)
                                                                            : to_toml(key, value);
    const bool says_something = !usual.empty() && usual != "\"\"" && usual != "[]" && usual != "{}";
    if (says_something) return fmt::format("for example {} = {}", name, usual);
    return fmt::format("correct {}; docs/configuration.md says what it is for, and what it may be",
                       name);
}

}  // namespace imprint::config
