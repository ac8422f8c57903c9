// Small work on texts.
#pragma once

#include <string>
#include <string_view>

namespace imprint {

// Every occurrence; what is put in is not looked at again. `what` is not empty.
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view by);

// ASCII letters alone, whatever the locale: keywords, and the names of headers, schemes and hosts
// are of these.
[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] bool same_but_for_case(std::string_view a, std::string_view b);

// Without the blanks around it, ends of lines among them.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// C0 and DEL: what would move a terminal's cursor, or end a header's line.
[[nodiscard]] bool is_control(char c);
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace imprint
