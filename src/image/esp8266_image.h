// Images for the ESP8266, which begin with the same byte as those for an ESP32: to be told apart,
// not read. Source: esptool's ESP8266ROMFirmwareImage and ESP8266V2FirmwareImage.
#pragma once

#include "base/bytes.h"

namespace imprint::image {

// 1 or 2; 0: it is none.
[[nodiscard]] int esp8266_image_version(ByteView bytes);

[[nodiscard]] inline bool is_esp8266_image(ByteView bytes) {
    return esp8266_image_version(bytes) != 0;
}

}  // namespace imprint::image
