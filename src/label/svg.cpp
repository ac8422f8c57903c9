// SVG 1.1. Letters are outlines, so that a label looks the same where its font is missing, and
// nothing of a value stands in the file as text.

#include <fmt/format.h>
#include <span>

#include "label/formats.h"
#include "label/surface.h"
#include "label/text.h"

namespace imprint::label {

namespace {

void add_point(std::string& out, const cairo_path_data_t& at) {
    // A thousandth of a point is below what anybody prints.
    out += fmt::format("{:.3f} {:.3f} ", at.point.x, at.point.y);
}

std::string outline_of(const cairo_path_t& path) {
    std::string out;
    const std::span data(path.data, static_cast<std::size_t>(path.num_data));
    for (std::size_t i = 0; i < data.size(); i += static_cast<std::size_t>(data[i].header.length)) {
        switch (data[i].header.type) {
            case CAIRO_PATH_MOVE_TO:
                out += 'M';
                add_point(out, data[i + 1]);
                break;
            case CAIRO_PATH_LINE_TO:
                out += 'L';
                add_point(out, data[i + 1]);
                break;
            case CAIRO_PATH_CURVE_TO:
                out += 'C';
                for (std::size_t point = 1; point <= 3; ++point)
                    add_point(out, data[i + point]);
                break;
            case CAIRO_PATH_CLOSE_PATH:
                out += "Z ";
                break;
        }
    }
    return out;
}

// In points. The surface is there for the path, and has no bounds: cairo leaves out the letters
// that lie beyond those of an image.
std::string letters_of(const Drawing& drawing) {
    const Surface surface(cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, nullptr));
    const Painter context(cairo_create(surface.get()));
    for (const PlacedText& text : drawing.texts)
        add_outline(context.get(), text);
    const Path path(cairo_copy_path(context.get()));
    return outline_of(*path);
}

}  // namespace

std::string svg_of(const Drawing& drawing) {
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}mm\" height=\"{1:g}mm\" "
        "viewBox=\"0 0 {0:g} {1:g}\">\n<rect width=\"{0:g}\" height=\"{1:g}\" fill=\"#fff\"/>\n",
        drawing.width, drawing.height);
    if (!drawing.bars.empty()) {
        out += fmt::format("<path shape-rendering=\"crispEdges\" transform=\"scale({:.8f})\" d=\"",
                           mm_an_inch / drawing.dpi);
        for (const Bar& bar : drawing.bars)
            out += fmt::format("M{} {}h{}v{}h-{}z", bar.x, bar.y, bar.width, bar.height, bar.width);
        out += "\"/>\n";
    }
    if (!drawing.texts.empty())
        out += fmt::format("<path transform=\"scale({:.8f})\" d=\"{}\"/>\n",
                           mm_an_inch / points_an_inch, letters_of(drawing));
    return out + "</svg>\n";
}

}  // namespace imprint::label
