// How the firmware's SPIFFS is configured. An image with other settings mounts but reads as empty,
// or does not mount at all, so nothing is guessed.
// Source: ESP-IDF components/spiffs/Kconfig, and esp_spiffs.c for the block, which is always one
// sector of flash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "image/spiffs.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// The SPIFFS settings of a build, and where they were read.
struct BuiltSpiffs {
    SpiffsSettings settings;  // what the build does not state is not set
    std::string where;        // "project/build/config/sdkconfig.json"; empty: no such file
};

// Reads config/sdkconfig.json in the artifacts folder (what the build was made with), else
// sdkconfig in the project's folder. Errors (config): sdkconfig_damaged, and those of read_file.
[[nodiscard]] Result<BuiltSpiffs> read_built_spiffs(const FirmwareSettings& firmware);

// Parses an sdkconfig, or the JSON that ESP-IDF makes of it, in which names have no CONFIG_. Error:
// sdkconfig_damaged (config), without the place.
[[nodiscard]] Result<SpiffsSettings> parse_sdkconfig(std::string_view text);
[[nodiscard]] Result<SpiffsSettings> parse_sdkconfig_json(std::string_view text);

struct ChosenSpiffs {
    image::spiffs::Geometry geometry;  // without its size
    std::vector<std::string> notes;    // where a configuration key overrides the build
};

// keys: credentials.spiffs. Error: spiffs_settings_unknown (config), with the lines to add.
[[nodiscard]] Result<ChosenSpiffs> choose_spiffs(const SpiffsSettings& keys,
                                                 const BuiltSpiffs& built);

}  // namespace imprint::prepare
