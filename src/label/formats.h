// One function a format. Internal to the layer.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "label/bitmap.h"
#include "label/layout.h"

namespace imprint::label {

[[nodiscard]] std::string svg_of(const Drawing& drawing);
[[nodiscard]] Result<std::string> pdf_of(std::span<const Drawing> labels);
[[nodiscard]] Result<std::string> png_of(const Bitmap& bitmap);
[[nodiscard]] std::string zpl_of(const Bitmap& bitmap);

}  // namespace imprint::label
