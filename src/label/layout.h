// A filled-in label as an abstract drawing: bars and texts with their places. Every format is made
// from it (render.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "label/template.h"
#include "label/values.h"

namespace imprint::label {

// A dark rectangle, in whole dots of the printer: what lies between dots would make the bars of a
// code uneven.
struct Bar {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;

    bool operator==(const Bar&) const = default;
};

// In points.
struct PlacedText {
    std::string text;  // UTF-8
    double x = 0;      // left edge of its place
    double y = 0;      // upper edge of its first line
    double width = 0;  // of its place: it is aligned in it, and broken where it is wrapped
    double size = 0;   // of its letters
    std::string font;
    bool bold = false;
    bool wrapped = false;
    bool cut = false;  // its middle is left out, so that it fits
    Align align = Align::left;

    bool operator==(const PlacedText&) const = default;
};

struct Drawing {
    double width = 0;   // mm
    double height = 0;  // mm
    std::uint32_t dpi = 0;
    std::vector<Bar> bars;
    std::vector<PlacedText> texts;

    bool operator==(const Drawing&) const = default;
};

inline constexpr double mm_an_inch = 25.4;
inline constexpr double points_an_inch = 72;
inline constexpr double points_a_mm = points_an_inch / mm_an_inch;

[[nodiscard]] std::uint32_t width_in_dots(const Drawing& drawing);
[[nodiscard]] std::uint32_t height_in_dots(const Drawing& drawing);

// A text whose placeholders all have no value is left out. Errors (label_template, label_content),
// with the item: a code has a placeholder without a value; what is filled in has no room, or has
// characters that the code or the fonts lack.
[[nodiscard]] Result<Drawing> lay_out(const Template& sheet, const Values& values);

// The template with its items, if a label can be drawn with these values: those of a board as there
// could be one. Errors: those of checked and lay_out.
[[nodiscard]] Result<Template> checked_with(Template sheet, const Values& values);

}  // namespace imprint::label
