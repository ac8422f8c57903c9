// Scanners type on a keyboard of their own, most often an American one. Where the computer takes it
// for another, codes arrive with other characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imprint::station {

struct OtherLayout {
    std::string_view name;  // of the keyboard that the computer takes the scanner's for
    std::string text;       // what the code then is
};

// What an American keyboard's keys were that gave the text on a German, a French, or one with caps
// lock. Those that differ from the text.
[[nodiscard]] std::vector<OtherLayout> as_typed_on_others(std::string_view text);

}  // namespace imprint::station
