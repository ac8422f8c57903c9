// String helpers.
#pragma once

#include <string>
#include <string_view>

namespace imprint {

// Replaces every occurrence; the inserted text is not searched again. `what` is not empty.
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view by);

// ASCII letters only, whatever the locale: keywords, and the names of headers, schemes and hosts
// consist of these.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] bool same_but_for_case(std::string_view a, std::string_view b);

// Without leading and trailing whitespace, newlines included.
// A field of a line of CSV (RFC 4180): in quotes where the format needs it.
[[nodiscard]] std::string csv_cell(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

// C0 and DEL: characters that would move a terminal's cursor or end a header line.
[[nodiscard]] bool is_control(char c);
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace imprint
