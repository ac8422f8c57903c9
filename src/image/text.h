// Text from files and flash, made fit for messages, in one encoding.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace imprint::image {

// Text from a file, for a message: in quotes, what steers a terminal (base/terminal_text.h) and
// invalid bytes as \xNN.
[[nodiscard]] std::string in_quotes(std::string_view text);

// Whether this is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

// Without the blanks around it, no-break and wide ones among them: what Python's str.strip() takes
// away, which ESP-IDF's tools call on each field.
[[nodiscard]] std::string_view without_blanks(std::string_view text);

// The first character that nobody sees, or takes for a blank, as "U+00A0"; empty: there is none.
[[nodiscard]] std::string unseen_character(std::string_view text);

// Without its byte-order mark. An unpaired surrogate becomes bytes that are not valid UTF-8.
[[nodiscard]] std::string utf8_from_utf16(ByteView bytes, bool big_endian);

}  // namespace imprint::image
