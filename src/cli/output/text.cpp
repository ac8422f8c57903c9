#include "cli/output/text.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/terminal_text.h"

namespace imprint::cli::output {

namespace {

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

// Where the character number `count` starts, or the end.
std::size_t offset_of(std::string_view text, std::size_t count) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (starts_character(text[i]) && seen++ == count) return i;
    return text.size();
}

void wrap_line(std::string_view line, std::size_t width, std::size_t indent, std::string& out) {
    std::size_t room = width;
    for (;;) {
        if (columns(line) <= room) {
            out += line;
            return;
        }
        std::size_t end = offset_of(line, room);
        // A break at the space just behind the last column is one that fits.
        const auto space = line.rfind(' ', end);
        const bool at_space =
            space != std::string_view::npos && space > 0 && line.find_first_not_of(' ') < space;
        if (at_space) end = space;
        out += line.substr(0, end);
        out += '\n' + std::string(indent, ' ');
        line.remove_prefix(at_space ? end + 1 : end);
        room = width > indent ? width - indent : 1;
    }
}

}  // namespace

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string cut(std::string_view text, std::size_t width) {
    if (columns(text) <= width) return std::string(text);
    if (width == 0) return {};
    return std::string(text.substr(0, offset_of(text, width - 1))) + "…";
}

std::string cut_middle(std::string_view text, std::size_t width) {
    const std::size_t all = columns(text);
    if (all <= width) return std::string(text);
    if (width == 0) return {};
    const std::size_t head = (width - 1) / 2;
    const std::size_t tail = width - 1 - head;
    return std::string(text.substr(0, offset_of(text, head))) + "…" +
           std::string(text.substr(offset_of(text, all - tail)));
}

std::string pad(std::string_view text, std::size_t width) {
    const std::size_t taken = columns(text);
    return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
    std::string out;
    width = std::max<std::size_t>(width, indent + 1);
    for (std::size_t at = 0;;) {
        const auto end = std::min(text.find('\n', at), text.size());
        wrap_line(text.substr(at, end - at), width, indent, out);
        if (end == text.size()) return out;
        out += '\n';
        at = end + 1;
    }
}

namespace {

// Of the colour that the text begins with (ECMA-48 8.3.117, SGR); 0: it begins with none.
std::size_t colour_length(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const std::size_t end = text.find_first_not_of("0123456789;:", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string shortened(const std::string& id) {
    constexpr std::size_t kept = 12;
    if (id.size() <= kept + 1) return id;
    return id.substr(0, kept) + (id.ends_with("-dirty") ? "-dirty" : "");
}

std::string printable(std::string_view text, Colours colours) {
    std::string out;
    bool coloured = false;
    std::size_t plain = 0;  // from here on nothing is in `out` yet
    const auto flush = [&](std::size_t end) {
        out += without_steering(text.substr(plain, end - plain), LineBreaks::kept);
    };
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = colour_length(text.substr(i));
        const bool line_ends = text[i] == '\n' && coloured;
        if (length == 0 && !line_ends) {
            ++i;
            continue;
        }
        flush(i);
        plain = i += length;
        if (line_ends) out += "\x1b[0m";
        coloured = !line_ends && colours == Colours::kept;
        if (coloured) out += text.substr(i - length, length);
        if (line_ends) ++i;
    }
    flush(text.size());
    return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], columns(row[i]));
        }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += i + 1 < row.size() ? pad(row[i], widths[i] + 2) : row[i];
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::uint64_t kilo = 1024;
    constexpr std::uint64_t mega = kilo * kilo;
    if (bytes < kilo) return fmt::format("{} B", bytes);
    if (bytes < mega)
        return bytes % kilo == 0 ? fmt::format("{} KB", bytes / kilo)
                                 : fmt::format("{:.1f} KB", static_cast<double>(bytes) / kilo);
    return bytes % mega == 0 ? fmt::format("{} MB", bytes / mega)
                             : fmt::format("{:.1f} MB", static_cast<double>(bytes) / mega);
}

}  // namespace imprint::cli::output
