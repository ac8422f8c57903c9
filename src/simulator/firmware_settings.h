// The compiled-in SPIFFS settings of a firmware, which its image does not show. The sample firmware
// has them after its description, among its constants, so that a simulated board mounts as the
// firmware in its flash would, whatever the project beside it says.
#pragma once

#include "base/bytes.h"
#include "image/app_image.h"
#include "image/spiffs.h"

namespace imprint::simulator {

// The marker with the settings of a geometry.
[[nodiscard]] Bytes spiffs_mark(const image::spiffs::Geometry& geometry);

// The settings of an app in flash at this address; ESP-IDF's defaults for one without a marker.
[[nodiscard]] image::spiffs::Geometry spiffs_settings_of(ByteView flash, std::uint32_t app_offset,
                                                         const image::AppImage& app);

}  // namespace imprint::simulator
