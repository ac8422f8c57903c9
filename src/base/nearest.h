// "Did you mean …?" for keys, commands and options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint {

// The number of letters to add, remove, change or swap with their neighbour (optimal string
// alignment distance).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest known word, the first one if several are equally close; none without known words.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& known);

// The same, but none unless a word is close enough to have probably been meant.
[[nodiscard]] std::optional<std::string> probably_meant(std::string_view word,
                                                        const std::vector<std::string>& known);

}  // namespace imprint
