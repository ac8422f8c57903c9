// Measures and paints texts, by Pango. Internal to the layer.
#pragma once

#include <cairo.h>
#include <string>
#include <string_view>

#include "label/layout.h"

namespace imprint::label {

struct Extent {
    double width = 0;  // points
    double height = 0;
    bool has_all_letters = true;  // the installed fonts have them
};

// Valid UTF-8 without control characters; line breaks stay if asked for.
[[nodiscard]] std::string clean(std::string_view text, bool with_line_breaks);

[[nodiscard]] Extent measure(const PlacedText& text);
// One unit of the context's user space is a point.
void paint(cairo_t* context, const PlacedText& text);
// Adds the outlines of its letters to the context's path.
void add_outline(cairo_t* context, const PlacedText& text);

}  // namespace imprint::label
