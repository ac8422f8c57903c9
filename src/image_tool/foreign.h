// What is known by its first bytes and not looked into: other file systems, images for the ESP8266.
// Internal to the layer.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

// LittleFS: its superblock (littlefs' SPEC.md). FAT: its boot sector (Microsoft's "FAT: General
// Overview of On-Disk Format"), also behind the first sector of ESP-IDF's wear levelling. ESP8266:
// esptool's ESP8266ROMFirmwareImage and ESP8266V2FirmwareImage.
[[nodiscard]] std::optional<Named> foreign(ByteView bytes);

// The first two of these: what a data partition may hold.
[[nodiscard]] std::optional<Named> file_system(ByteView bytes);

[[nodiscard]] bool is_elf(ByteView bytes);

}  // namespace imprint::image_tool
