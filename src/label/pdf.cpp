#include <cairo-pdf.h>

#include "label/formats.h"
#include "label/surface.h"
#include "label/text.h"

namespace imprint::label {

namespace {

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int size) {
    static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
}

void draw(cairo_t* context, const Drawing& drawing) {
    for (const PlacedText& text : drawing.texts)
        paint(context, text);
    const double point = points_an_inch / drawing.dpi;
    for (const Bar& bar : drawing.bars)
        cairo_rectangle(context, bar.x * point, bar.y * point, bar.width * point,
                        bar.height * point);
    cairo_fill(context);
}

}  // namespace

Result<std::string> pdf_of(std::span<const Drawing> labels) {
    std::string bytes;
    const Surface surface(cairo_pdf_surface_create_for_stream(append, &bytes, 1, 1));
    // No hour of its making: the same label is the same file.
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
    {
        const Painter context(cairo_create(surface.get()));
        for (const Drawing& drawing : labels) {
            cairo_pdf_surface_set_size(surface.get(), drawing.width * points_a_mm,
                                       drawing.height * points_a_mm);
            draw(context.get(), drawing);
            cairo_show_page(context.get());
        }
    }
    cairo_surface_finish(surface.get());
    const cairo_status_t status = cairo_surface_status(surface.get());
    if (status != CAIRO_STATUS_SUCCESS)
        return fail(ErrorKind::config, "label_content",
                    std::string("the label cannot be drawn: ") + cairo_status_to_string(status));
    return bytes;
}

}  // namespace imprint::label
