// Text layout for a terminal: in columns, not bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli::output {

// The width of UTF-8 text in columns; every character counts as one.
[[nodiscard]] std::size_t columns(std::string_view text);
// Truncated to that many columns, with "…" for what is left out.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);
// The same with what is left out in its middle: names that begin alike differ at their ends.
[[nodiscard]] std::string cut_middle(std::string_view text, std::size_t width);
// Padded with spaces to that many columns.
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);
// Lines of at most `width` columns, broken at spaces if there are any; lines after the first are
// indented by `indent` spaces. Line breaks in the text are kept.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::size_t indent = 0);
enum class Colours : std::uint8_t { removed, kept };
// What steers a terminal (base/terminal_text.h) except the line break, and invalid UTF-8, become
// "?": neither a board's console nor a file's name can control somebody's terminal. Colours (ESC [
// … m) are removed, or kept and reset at the end of their line.
[[nodiscard]] std::string printable(std::string_view text, Colours colours = Colours::removed);

// Commits and certificate ids as a person compares them: the first 12 characters, and "-dirty".
[[nodiscard]] std::string shortened(const std::string& id);

// Rows with the same number of cells as lines, columns two spaces apart. The first row is the
// heading.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

[[nodiscard]] std::string bytes_text(std::uint64_t bytes);  // "512 B", "960 KB", "4 MB", "1.5 MB"

}  // namespace imprint::cli::output
