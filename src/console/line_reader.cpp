#include "console/line_reader.h"

#include <algorithm>
#include <utility>

namespace imprint::console {

namespace {

constexpr char escape = '\x1B';

bool is_between(char c, unsigned char first, unsigned char last) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
}

// How long the control sequence is that the text begins with (ECMA-48 5.4 and 8.3.89).
std::size_t sequence_length(std::string_view text) {
    if (text.size() < 2) return text.size();
    // A string for the terminal goes on to its end, BEL or ESC \; one without an end takes the
    // line along.
    if (std::string_view("]PX^_").contains(text[1])) {
        const std::size_t end = text.find_first_of("\a\x1B", 2);
        if (end == std::string_view::npos) return text.size();
        return std::min(text.size(), end + (text[end] == escape ? 2 : 1));
    }
    if (text[1] != '[') return 2;
    std::size_t end = 2;
    while (end < text.size() && is_between(text[end], 0x20, 0x3F))
        ++end;
    return std::min(text.size(), end + 1);
}

bool is_colour(std::string_view sequence) {
    if (sequence.size() < 3 || !sequence.starts_with("\x1B[") || sequence.back() != 'm')
        return false;
    return std::ranges::all_of(sequence.substr(2, sequence.size() - 3),
                               [](char c) { return is_between(c, '0', ';'); });
}

}  // namespace

Line clean_line(std::string_view raw) {
    Line line;
    const auto add = [&line](std::string_view text) {
        line.text += text;
        line.coloured += text;
    };
    for (std::size_t i = 0; i < raw.size();) {
        const std::string_view rest = raw.substr(i);
        if (rest.front() == escape) {
            const std::string_view sequence = rest.substr(0, sequence_length(rest));
            if (is_colour(sequence)) line.coloured += sequence;
            i += sequence.size();
        } else if (is_between(rest.front(), 0x80, 0x9F) && line.text.ends_with('\xC2')) {
            // U+0080 to U+009F, which some terminals take for control sequences.
            line.text.pop_back();
            line.coloured.erase(line.coloured.rfind('\xC2'), 1);
            ++i;
        } else {
            if (rest.front() == '\t') add(" ");
            if (!is_between(rest.front(), 0x00, 0x1F) && rest.front() != '\x7F')
                add(rest.substr(0, 1));
            ++i;
        }
    }
    return line;
}

void LineReader::take(ByteView bytes) {
    pending_.append(as_text(bytes));
}

std::optional<Line> LineReader::next() {
    const std::size_t end = pending_.find('\n');
    const bool whole = end <= longest_line;  // npos is more
    if (!whole && pending_.size() < longest_line) return std::nullopt;
    const std::size_t length = whole ? end : longest_line;
    Line line = clean_line(std::string_view(pending_).substr(0, length));
    pending_.erase(0, whole ? length + 1 : length);
    return line;
}

std::string LineReader::unfinished() const {
    return clean_line(pending_).text;
}

std::optional<Line> LineReader::take_unfinished() {
    if (pending_.empty()) return std::nullopt;
    return clean_line(std::exchange(pending_, {}));
}

}  // namespace imprint::console
