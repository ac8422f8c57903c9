// What a firmware is compiled with and its image does not show: how it mounts SPIFFS. The sample
// firmware carries it behind its description, among its constants, so that a simulated board mounts
// as the firmware in its flash would, whatever the project beside it says.
#pragma once

#include "base/bytes.h"
#include "image/app_image.h"
#include "image/spiffs.h"

namespace imprint::simulator {

// The mark with the settings of a geometry.
[[nodiscard]] Bytes spiffs_mark(const image::spiffs::Geometry& geometry);

// Those of an app that is in flash at this address; of one without a mark ESP-IDF's defaults.
[[nodiscard]] image::spiffs::Geometry spiffs_settings_of(ByteView flash, std::uint32_t app_offset,
                                                         const image::AppImage& app);

}  // namespace imprint::simulator
