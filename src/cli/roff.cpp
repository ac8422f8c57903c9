#include "cli/roff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>

#include "base/text.h"

namespace imprint::cli::roff {

namespace {

// Of well-formed UTF-8.
std::uint32_t code_point(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    std::uint32_t value = sequence.size() == 2   ? first & 0x1FU
                          : sequence.size() == 3 ? first & 0x0FU
                                                 : first & 0x07U;
    for (const char c : sequence.substr(1))
        value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    return value;
}

// Characters that a formatter would take for an escape or set as typographic ones.
std::string_view escape_of(char c) {
    switch (c) {
        case '\\':
            return "\\e";
        case '^':
            return "\\(ha";
        case '~':
            return "\\(ti";
        case '`':
            return "\\(ga";
        case '\'':
            return "\\(aq";
        case '"':
            return "\\(dq";
        default:
            return {};
    }
}

std::string escaped(std::string_view text, bool is_literal) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text.substr(at));
        const char c = text[at];
        if (length > 1)
            out += fmt::format("\\[u{:04X}]", code_point(text.substr(at, length)));
        else if (c == '-' && is_literal)
            out += "\\-";
        // An apostrophe of prose is one.
        else if (const auto escape = escape_of(c); !escape.empty() && (c != '\'' || is_literal))
            out += escape;
        else
            out += c;
        at += length == 0 ? 1 : length;
    }
    return out;
}

// A line that begins like a request is text all the same.
std::string protect(std::string_view roff) {
    return roff.starts_with('.') || roff.starts_with('\'') ? "\\&" + std::string(roff)
                                                           : std::string(roff);
}

// Longer lines are no error for a formatter, but mandoc's lint dislikes them.
constexpr std::size_t longest_line = 80;

// Lines of the source, broken at spaces. An escaped space is none.
std::string broken(std::string_view roff) {
    std::string text;
    std::string line;
    const auto end_line = [&] {
        text += protect(line) + '\n';
        line.clear();
    };
    while (!roff.empty()) {
        const auto end = std::min(roff.find(' '), roff.size());
        std::string word(roff.substr(0, end));
        // Names and options are not hyphenated. At its beginning alone: in a word, this is a place
        // for a hyphen.
        if (word.contains("\\f")) word.insert(0, "\\%");
        if (!line.empty() && line.size() + 1 + word.size() > longest_line) end_line();
        if (!line.empty()) line += ' ';
        line += word;
        roff.remove_prefix(std::min(end + 1, roff.size()));
    }
    if (!line.empty()) end_line();
    return text;
}

}  // namespace

std::string prose(std::string_view text) {
    std::string out;
    bool is_typed = false;
    while (!text.empty()) {
        const auto mark = std::min(text.find('`'), text.size());
        const auto part = text.substr(0, mark);
        out += is_typed ? bold(part) : escaped(part, false);
        if (mark == text.size()) break;
        text.remove_prefix(mark + 1);
        is_typed = !is_typed;
    }
    return out;
}

std::string literal(std::string_view text) {
    return escaped(text, true);
}

std::string bold(std::string_view text) {
    return "\\fB" + literal(text) + "\\fR";
}

std::string italic(std::string_view text) {
    return "\\fI" + literal(text) + "\\fR";
}

// Words are neither broken nor moved apart.
Page::Page(std::string_view title, std::string_view section, const Edition& edition)
    : text_(fmt::format(".\\\" Made by Imprint from its own tables.\n"
                        ".TH {} {} \"{}\" \"Imprint {}\" \"Imprint Manual\"\n.nh\n.ad l\n",
                        literal(title), section, edition.date, edition.version)) {}

void Page::line(std::string_view roff) {
    text_ += broken(roff);
    after_heading_ = false;
}

void Page::break_line() {
    text_ += ".br\n";
}

void Page::heading(std::string_view text) {
    text_ += fmt::format(".SH {}\n", text);
    after_heading_ = true;
}

void Page::subheading(std::string_view text) {
    text_ += fmt::format(".SS {}\n", literal(text));
    after_heading_ = true;
}

void Page::paragraph(std::string_view roff) {
    if (!after_heading_) text_ += ".PP\n";
    line(roff);
}

void Page::item(std::string_view label_roff, std::string_view meaning_roff) {
    text_ += ".TP\n";
    line(label_roff);
    line(meaning_roff);
}

void Page::lines(const std::vector<std::string>& plain) {
    if (!after_heading_) text_ += ".PP\n";
    text_ += ".RS 4\n.EX\n";
    for (const auto& one : plain)
        text_ += one.empty() ? "\n" : protect(literal(one)) + '\n';
    text_ += ".EE\n.RE\n";
    after_heading_ = false;
}

}  // namespace imprint::cli::roff
