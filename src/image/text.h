// Text that comes out of files and flash: fit for messages, in one encoding.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace imprint::image {

// Text of a file's own, fit for a message: in quotes, control and stray bytes as \xNN.
[[nodiscard]] std::string in_quotes(std::string_view text);

// Is this well-formed UTF-8?
[[nodiscard]] bool is_utf8(std::string_view text);

// Without its byte-order mark. An unpaired surrogate becomes bytes that are no UTF-8.
[[nodiscard]] std::string utf8_from_utf16(ByteView bytes, bool big_endian);

}  // namespace imprint::image
