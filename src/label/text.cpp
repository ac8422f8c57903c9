#include "label/text.h"

#include <memory>
#include <pango/pangocairo.h>

#include "base/text.h"

namespace imprint::label {

namespace {

struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
};

struct FreeFont {
    void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

struct FreeOptions {
    void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};

using Layout = std::unique_ptr<PangoLayout, Unref>;

// Letters are where they are at any size: the same label as a drawing and in dots.
std::unique_ptr<cairo_font_options_t, FreeOptions> unhinted() {
    std::unique_ptr<cairo_font_options_t, FreeOptions> options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    return options;
}

PangoAlignment alignment(Align align) {
    switch (align) {
        case Align::centre:
            return PANGO_ALIGN_CENTER;
        case Align::right:
            return PANGO_ALIGN_RIGHT;
        case Align::left:
            break;
    }
    return PANGO_ALIGN_LEFT;
}

Layout shaped(const PlacedText& text) {
    // Each thread has a map of its own.
    const std::unique_ptr<PangoContext, Unref> context(
        pango_font_map_create_context(pango_cairo_font_map_get_default()));
    pango_cairo_context_set_resolution(context.get(), points_an_inch);
    pango_cairo_context_set_font_options(context.get(), unhinted().get());
    pango_context_set_round_glyph_positions(context.get(), FALSE);
    // As it is read, whatever the locale of the station.
    pango_context_set_language(context.get(), pango_language_from_string("en"));

    const std::unique_ptr<PangoFontDescription, FreeFont> font(pango_font_description_new());
    pango_font_description_set_family(font.get(), text.font.c_str());
    pango_font_description_set_size(font.get(), static_cast<int>(text.size * PANGO_SCALE));
    pango_font_description_set_weight(font.get(),
                                      text.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);

    Layout layout(pango_layout_new(context.get()));
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), text.text.data(), static_cast<int>(text.text.size()));
    pango_layout_set_alignment(layout.get(), alignment(text.align));
    if (text.wrapped) {
        pango_layout_set_width(layout.get(), static_cast<int>(text.width * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    }
    if (text.cut) {
        pango_layout_set_width(layout.get(), static_cast<int>(text.width * PANGO_SCALE));
        pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_MIDDLE);
    }
    return layout;
}

// Moves to where the text begins: a single line is aligned here, for Pango would break it.
Layout placed(cairo_t* context, const PlacedText& text) {
    Layout layout = shaped(text);
    double x = text.x;
    if (!text.wrapped && !text.cut && text.align != Align::left) {
        int width = 0;
        pango_layout_get_size(layout.get(), &width, nullptr);
        const double left = text.width - static_cast<double>(width) / PANGO_SCALE;
        x += text.align == Align::right ? left : left / 2;
    }
    cairo_move_to(context, x, text.y);
    return layout;
}

}  // namespace

std::string clean(std::string_view text, bool with_line_breaks) {
    const std::unique_ptr<gchar, decltype(&g_free)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), &g_free);
    std::string result(valid.get());
    for (char& c : result)
        if (is_control(c) && !(with_line_breaks && c == '\n')) c = ' ';
    return result;
}

Extent measure(const PlacedText& text) {
    const Layout layout = shaped(text);
    int width = 0;
    int height = 0;
    pango_layout_get_size(layout.get(), &width, &height);
    return {.width = static_cast<double>(width) / PANGO_SCALE,
            .height = static_cast<double>(height) / PANGO_SCALE,
            .has_all_letters = pango_layout_get_unknown_glyphs_count(layout.get()) == 0};
}

void paint(cairo_t* context, const PlacedText& text) {
    const Layout layout = placed(context, text);
    pango_cairo_show_layout(context, layout.get());
}

void add_outline(cairo_t* context, const PlacedText& text) {
    const Layout layout = placed(context, text);
    pango_cairo_layout_path(context, layout.get());
}

}  // namespace imprint::label
