// How the firmware's SPIFFS is set. An image that is packed otherwise mounts and gives nothing, or
// does not mount at all, so nothing of it is guessed.
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

// What a build says of its SPIFFS, and where.
struct BuiltSpiffs {
    SpiffsSettings settings;  // what it does not say is not set
    std::string where;        // "project/build/config/sdkconfig.json"; empty: there is no such file
};

// Reads config/sdkconfig.json among the artifacts (what the build was made with), else sdkconfig in
// the project's folder. Errors (config): sdkconfig_damaged, and those of read_file.
[[nodiscard]] Result<BuiltSpiffs> read_built_spiffs(const FirmwareSettings& firmware);

// The lines of an sdkconfig, and the JSON that ESP-IDF makes of it, in which names have no CONFIG_.
// Error: sdkconfig_damaged (config), without the place.
[[nodiscard]] Result<SpiffsSettings> parse_sdkconfig(std::string_view text);
[[nodiscard]] Result<SpiffsSettings> parse_sdkconfig_json(std::string_view text);

struct ChosenSpiffs {
    image::spiffs::Geometry geometry;  // without its size
    std::vector<std::string> notes;    // where a key of the configuration overrules the build
};

// keys: credentials.spiffs. Error: spiffs_settings_unknown (config), with the lines that are asked
// for.
[[nodiscard]] Result<ChosenSpiffs> choose_spiffs(const SpiffsSettings& keys,
                                                 const BuiltSpiffs& built);

}  // namespace imprint::prepare
