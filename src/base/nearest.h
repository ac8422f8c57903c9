// "Did you mean …?" for keys, commands and options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint {

// How many letters to add, take away, change or swap with their neighbour (optimal string
// alignment distance).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word that is closest, the first of several; none when there is no known word.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& known);

// The same, but none when nothing is so close that it was probably meant.
[[nodiscard]] std::optional<std::string> probably_meant(std::string_view word,
                                                        const std::vector<std::string>& known);

}  // namespace imprint
