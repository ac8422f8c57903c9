// String helpers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace imprint {

// Replaces every occurrence; the inserted text is not searched again. `what` is not empty.
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view by);

// ASCII letters only, whatever the locale: keywords, and the names of headers, schemes and hosts
// consist of these.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] bool same_but_for_case(std::string_view a, std::string_view b);

// A field of a line of CSV (RFC 4180): in quotes where the format needs it.
[[nodiscard]] std::string csv_cell(std::string_view text);

// Without leading and trailing whitespace, newlines included.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// Bytes of the well-formed UTF-8 sequence that the text begins with (RFC 3629); 0: it begins with
// none. The text is not empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// A chip's revision, major × 100 + minor, as Espressif writes it: "v3.1".
[[nodiscard]] std::string revision_text(std::uint32_t revision);

// C0 and DEL: characters that would move a terminal's cursor or end a header line.
[[nodiscard]] bool is_control(char c);
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace imprint
