#include "policy/pattern.h"

#include <algorithm>

namespace imprint::policy {

namespace {

constexpr std::uint16_t any_text = 256;
constexpr std::uint16_t any_character = 257;

bool is_escape(std::string_view name) {
    return name == "*" || name == "?" || name == "$";
}

// Where the character at `at` ends: a UTF-8 sequence is one.
std::size_t character_end(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
        ++at;
    return at;
}

void add_plain(Pattern& pattern, std::string_view text) {
    for (const char c : text)
        pattern.tokens.push_back(static_cast<unsigned char>(c));
    pattern.text += text;
}

}  // namespace

std::expected<Pattern, std::string> expand(std::string_view text, bool variables,
                                           Wildcards wildcards, const Context& context) {
    Pattern pattern;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (variables && text.substr(at).starts_with("${")) {
            const auto end = text.find('}', at);
            if (end == std::string_view::npos)
                return std::unexpected(std::string(text.substr(at + 2)));
            const std::string_view name = text.substr(at + 2, end - at - 2);
            at = end;
            if (is_escape(name)) {
                add_plain(pattern, name);
                continue;
            }
            const auto values = values_of(context, name);
            // A list has no place in a text.
            if (values.size() != 1) return std::unexpected(std::string(name));
            add_plain(pattern, values.front());
        } else if (wildcards == Wildcards::of_policies && (text[at] == '*' || text[at] == '?')) {
            pattern.tokens.push_back(text[at] == '*' ? any_text : any_character);
            pattern.text += text[at];
        } else {
            add_plain(pattern, text.substr(at, 1));
        }
    }
    return pattern;
}

// On a mismatch the latest "*" takes one character more: at most pattern times text steps.
bool matches(const Pattern& pattern, std::string_view text) {
    const auto& tokens = pattern.tokens;
    std::size_t token = 0;
    std::size_t at = 0;
    std::size_t star = tokens.size();
    std::size_t star_at = 0;
    while (at < text.size()) {
        if (token < tokens.size() && tokens[token] == any_text) {
            star = token++;
            star_at = at;
        } else if (token < tokens.size() && tokens[token] == any_character) {
            at = character_end(text, at);
            ++token;
        } else if (token < tokens.size() && tokens[token] == static_cast<unsigned char>(text[at])) {
            ++at;
            ++token;
        } else if (star < tokens.size()) {
            token = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (token < tokens.size() && tokens[token] == any_text)
        ++token;
    return token == tokens.size();
}

std::size_t common_start(const Pattern& pattern, std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && at < pattern.tokens.size() &&
           pattern.tokens[at] == static_cast<unsigned char>(text[at]))
        ++at;
    return at;
}

std::vector<std::string> variables_in(std::string_view text) {
    std::vector<std::string> names;
    for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at)) {
        const auto end = text.find('}', at);
        if (end == std::string_view::npos) {
            names.emplace_back(text.substr(at));
            break;
        }
        if (const auto name = text.substr(at + 2, end - at - 2); !is_escape(name))
            names.emplace_back(name);
        at = end;
    }
    return names;
}

std::string_view without_arn(std::string_view resource) {
    if (!resource.starts_with("arn:")) return resource;
    std::size_t at = 0;
    for (int part = 0; part < 5; ++part) {
        at = resource.find(':', at);
        if (at == std::string_view::npos) return resource;
        ++at;
    }
    return resource.substr(at);
}

}  // namespace imprint::policy
