#include "label/bitmap.h"

#include "label/surface.h"
#include "label/text.h"

namespace imprint::label {

namespace {

constexpr unsigned char half_covered = 128;

void blacken(Bitmap& bitmap, std::uint32_t x, std::uint32_t y) {
    char& byte = bitmap.bytes[y * bitmap.row_bytes() + x / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (0x80U >> (x % 8)));
}

void add_bars(Bitmap& bitmap, const Drawing& drawing) {
    for (const Bar& bar : drawing.bars)
        for (std::uint32_t y = bar.y; y < bar.y + bar.height && y < bitmap.height; ++y)
            for (std::uint32_t x = bar.x; x < bar.x + bar.width && x < bitmap.width; ++x)
                blacken(bitmap, x, y);
}

}  // namespace

Result<Bitmap> dots_of(const Drawing& drawing) {
    Bitmap bitmap{.width = width_in_dots(drawing),
                  .height = height_in_dots(drawing),
                  .dpi = drawing.dpi,
                  .bytes = {}};
    bitmap.bytes.assign(bitmap.row_bytes() * bitmap.height, '\0');
    const Surface surface(cairo_image_surface_create(
        CAIRO_FORMAT_A8, static_cast<int>(bitmap.width), static_cast<int>(bitmap.height)));
    {
        const Painter context(cairo_create(surface.get()));
        cairo_scale(context.get(), drawing.dpi / points_an_inch, drawing.dpi / points_an_inch);
        for (const PlacedText& text : drawing.texts)
            paint(context.get(), text);
        if (cairo_status(context.get()) != CAIRO_STATUS_SUCCESS)
            return fail(ErrorKind::config, "label_content",
                        std::string("the label cannot be drawn: ") +
                            cairo_status_to_string(cairo_status(context.get())));
    }
    cairo_surface_flush(surface.get());
    const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
    for (std::uint32_t y = 0; y < bitmap.height; ++y)
        for (std::uint32_t x = 0; x < bitmap.width; ++x)
            if (pixels[y * stride + x] >= half_covered) blacken(bitmap, x, y);
    add_bars(bitmap, drawing);
    return bitmap;
}

}  // namespace imprint::label
