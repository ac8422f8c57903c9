// Numbers as ESP-IDF's tools accept them on the command line and in CSV files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace imprint::image {

// Decimal without leading zeros, 0x…, 0o… or 0b…, in either case, with an optional sign,
// underscores between digits and a suffix K or M (1024, 1024²), with blanks before it. Source:
// gen_esp32part.py's parse_int, which is Python's int(text, 0). Empty if it is none of these, or
// beyond 2⁴⁸.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace imprint::image
