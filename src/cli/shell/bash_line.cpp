#include "cli/shell/bash_line.h"

#include <algorithm>

namespace imprint::cli::shell {

namespace {

constexpr std::string_view spaces = " \t\n";

// A backslash between double quotes keeps its place before any other character.
constexpr std::string_view escaped_in_quotes = "\"\\$`";

bool is_plain(char c) {
    constexpr std::string_view plain = "-_./:=+,@%";
    const auto byte = static_cast<unsigned char>(c);
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return byte >= 0x80 || is_letter || (c >= '0' && c <= '9') || plain.contains(c);
}

// A character of a word, as the shell reads it there and nowhere else.
std::string in_context(char c, char quote) {
    // Nothing escapes these two where they stand: out of the quotes, the character, in again.
    // A "!" brings a former command into the line.
    if (quote == '\'' && c == '\'') return R"('\'')";
    if (quote == '"' && c == '!') return R"("\!")";
    const bool is_escaped =
        quote == '\0' ? !is_plain(c) : quote == '"' && escaped_in_quotes.contains(c);
    return is_escaped ? std::string{'\\', c} : std::string(1, c);
}

}  // namespace

BashLine read_bash_line(std::string_view line, std::string_view breaks) {
    BashLine read;
    std::string word;
    bool has_begun = false;
    std::size_t opened_at = 0;  // bytes of the word that are before the quote still open
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool has_next = at + 1 < line.size();
        if (read.quote == '\0' && spaces.contains(c)) {
            if (has_begun) read.words.push_back(word);
            word.clear();
            has_begun = false;
            read.kept = 0;
            continue;
        }
        has_begun = true;
        if (c == read.quote) {
            read.quote = '\0';
        } else if (read.quote == '\0' && (c == '"' || c == '\'')) {
            read.quote = c;
            opened_at = word.size();
        } else if (c == '\\' && has_next &&
                   (read.quote == '\0' ||
                    (read.quote == '"' && escaped_in_quotes.contains(line[at + 1])))) {
            word += line[++at];
        } else {
            word += c;
            if (read.quote == '\0' && breaks.contains(c)) read.kept = word.size();
        }
    }
    if (read.quote != '\0') read.kept = opened_at;
    read.words.push_back(word);
    return read;
}

std::string bash_word(const BashLine& line, std::string_view word) {
    std::string text;
    for (const char c : word.substr(std::min(line.kept, word.size())))
        text += in_context(c, line.quote);
    return text;
}

}  // namespace imprint::cli::shell
