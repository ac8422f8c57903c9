#include "station/keyboard_layouts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "base/text.h"

namespace imprint::station {

namespace {

// What the layout's key types, and the American one in its place; letters and digits that are the
// same are left out. From the layouts "us", "de" and "fr" of XKB (xkeyboard-config, symbols/).
using Keys = std::pair<std::string_view, std::string_view>;

constexpr std::array german{
    Keys{"z", "y"}, Keys{"y", "z"}, Keys{"Z", "Y"}, Keys{"Y", "Z"},  Keys{"ß", "-"},
    Keys{"?", "_"}, Keys{"-", "/"}, Keys{"_", "?"}, Keys{"Ö", ":"},  Keys{"ö", ";"},
    Keys{"´", "="}, Keys{"`", "+"}, Keys{"ä", "'"}, Keys{"Ä", "\""}, Keys{"ü", "["},
    Keys{"Ü", "{"}, Keys{"+", "]"}, Keys{"*", "}"}, Keys{"#", "\\"}, Keys{"'", "|"},
    Keys{"§", "#"}, Keys{"&", "^"}, Keys{"/", "&"}, Keys{"(", "*"},  Keys{")", "("},
    Keys{"=", ")"}, Keys{";", "<"}, Keys{":", ">"}, Keys{"\"", "@"}};

constexpr std::array french{
    Keys{"&", "1"}, Keys{"é", "2"}, Keys{"\"", "3"}, Keys{"'", "4"}, Keys{"(", "5"},
    Keys{"-", "6"}, Keys{"è", "7"}, Keys{"_", "8"},  Keys{"ç", "9"}, Keys{"à", "0"},
    Keys{")", "-"}, Keys{"°", "_"}, Keys{"a", "q"},  Keys{"q", "a"}, Keys{"A", "Q"},
    Keys{"Q", "A"}, Keys{"z", "w"}, Keys{"w", "z"},  Keys{"Z", "W"}, Keys{"W", "Z"},
    Keys{"m", ";"}, Keys{"M", ":"}, Keys{",", "m"},  Keys{"?", "M"}, Keys{"!", "/"},
    Keys{"§", "?"}, Keys{";", ","}, Keys{":", "."},  Keys{"1", "!"}, Keys{"2", "@"},
    Keys{"3", "#"}, Keys{"4", "$"}, Keys{"5", "%"},  Keys{"6", "^"}, Keys{"7", "&"},
    Keys{"8", "*"}, Keys{"9", "("}, Keys{"0", ")"},  Keys{"$", "]"}, Keys{"*", "\\"},
    Keys{"ù", "'"}, Keys{"%", "\""}};

std::string retyped(std::string_view text, std::span<const Keys> layout) {
    std::string american;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
        const std::string_view key = text.substr(0, length);
        const auto found = std::ranges::find(layout, key, &Keys::first);
        american += found == layout.end() ? key : found->second;
        text.remove_prefix(length);
    }
    return american;
}

std::string with_other_case(std::string_view text) {
    std::string other(text);
    for (char& c : other) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        else if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return other;
}

}  // namespace

std::vector<OtherLayout> as_typed_on_others(std::string_view text) {
    std::vector<OtherLayout> others{{"a German keyboard", retyped(text, german)},
                                    {"a French keyboard", retyped(text, french)},
                                    {"a keyboard with caps lock on", with_other_case(text)}};
    std::erase_if(others, [text](const OtherLayout& other) { return other.text == text; });
    return others;
}

}  // namespace imprint::station
