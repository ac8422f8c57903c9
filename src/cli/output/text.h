// Text as a terminal shows it: columns, not bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli::output {

// Columns that UTF-8 text takes up; every character counts as one.
[[nodiscard]] std::size_t columns(std::string_view text);
// Cut to so many columns, with "…" where something is left out.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);
// Filled up with spaces to so many columns.
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);
// Lines of at most `width` columns, broken at spaces where there are some; lines after the first
// begin with `indent` spaces. Line breaks in the text stay.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::size_t indent = 0);
enum class Colours : std::uint8_t { removed, kept };
// Control characters but the line break, and bytes that are no UTF-8, become "?": a board's console
// or a file's name never steers somebody's terminal. Colours (ESC [ … m) go, or stay and end with
// their line.
[[nodiscard]] std::string printable(std::string_view text, Colours colours = Colours::removed);

// Commits and certificate ids as a person compares them: the first 12 characters, and "-dirty".
[[nodiscard]] std::string shortened(const std::string& id);

// Rows of equally many cells as lines, columns two spaces apart. The first row is the heading.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

[[nodiscard]] std::string bytes_text(std::uint64_t bytes);  // "512 B", "960 KB", "4 MB", "1.5 MB"

}  // namespace imprint::cli::output
