// The compiled-in settings of a firmware for its identity, which its image does not show. The
// sample firmware has them after its description, among its constants, so that a simulated board
// reads as the firmware in its flash would, whatever the project beside it says.
#pragma once

#include "base/bytes.h"
#include "image/app_image.h"
#include "image/spiffs.h"
#include "imprint_identity/storage.h"

namespace imprint::simulator {

// CONFIG_IMPRINT_IDENTITY_FORMAT, and CONFIG_SPIFFS_….
struct FirmwareSettings {
    imprint_identity::Storage storage = imprint_identity::Storage::spiffs;
    image::spiffs::Geometry spiffs;  // its size is ignored
};

// The marker with them.
[[nodiscard]] Bytes settings_mark(const FirmwareSettings& settings);

// The settings of an app in flash at this address; ESP-IDF's defaults for one without a marker.
[[nodiscard]] FirmwareSettings settings_of(ByteView flash, std::uint32_t app_offset,
                                           const image::AppImage& app);

}  // namespace imprint::simulator
