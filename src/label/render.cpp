#include "label/render.h"

#include <array>

#include "label/bitmap.h"
#include "label/formats.h"

namespace imprint::label {

namespace {

constexpr std::array formats{Format::svg, Format::png, Format::pdf, Format::zpl};

}  // namespace

std::string_view to_string(Format format) {
    switch (format) {
        case Format::svg:
            return "svg";
        case Format::png:
            return "png";
        case Format::pdf:
            return "pdf";
        case Format::zpl:
            return "zpl";
    }
    return "svg";
}

std::optional<Format> parse_format(std::string_view text) {
    for (const Format format : formats)
        if (to_string(format) == text) return format;
    return std::nullopt;
}

bool takes_several(Format format) {
    return format == Format::pdf || format == Format::zpl;
}

bool is_text(Format format) {
    return format == Format::svg || format == Format::zpl;
}

Result<std::string> render(Format format, std::span<const Drawing> labels) {
    if (format == Format::pdf) return pdf_of(labels);
    std::string bytes;
    for (const Drawing& drawing : labels) {
        if (format == Format::svg) {
            bytes += svg_of(drawing);
            continue;
        }
        IMPRINT_TRY(const Bitmap bitmap, dots_of(drawing));
        IMPRINT_TRY(const std::string one,
                    format == Format::png ? png_of(bitmap) : Result<std::string>(zpl_of(bitmap)));
        bytes += one;
    }
    return bytes;
}

}  // namespace imprint::label
