// A firmware for a simulated board, laid out as ESP-IDF leaves a finished build, so that the
// whole flow can be tried without a toolchain. The images are valid for the bootloader's checks;
// their code is filler that compresses as real code does.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "image/spiffs.h"

namespace imprint::simulator {

// The project name in the sample's app description: the simulated board runs such an app as it
// runs firmware/examples/aws_iot.
inline constexpr std::string_view sample_project = "imprint_sample";

// Writes partitions.csv and, under build/, flasher_args.json, config/sdkconfig.json,
// bootloader/bootloader.bin, partition_table/partition-table.bin and aws_iot.bin (about 950 KB).
// The same version gives the same bytes; another version changes the app only. chip: a row of
// chip_model.h, which fixes the images' chip id, the bootloader's offset and where the code lies.
// spiffs: how the firmware is set to mount SPIFFS; its size is not looked at.
// Errors (config): file_unwritable, chip_not_simulated.
[[nodiscard]] Result<void> write_sample_firmware(const std::filesystem::path& directory,
                                                 std::string_view version = "1.0.0",
                                                 std::string_view chip = "esp32",
                                                 const image::spiffs::Geometry& spiffs = {});

}  // namespace imprint::simulator
