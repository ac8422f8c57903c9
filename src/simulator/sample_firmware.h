// A firmware for a simulated board, in the layout of a finished ESP-IDF build, so that the whole
// flow can be tried without a toolchain. The images pass the bootloader's checks; their code is
// filler that compresses like real code.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "simulator/firmware_settings.h"

namespace imprint::simulator {

// The project name in the sample's app description: the simulated board runs such an app like
// firmware/examples/aws_iot.
inline constexpr std::string_view sample_project = "imprint_sample";

// Writes partitions.csv and, under build/, flasher_args.json, config/sdkconfig.json,
// bootloader/bootloader.bin, partition_table/partition-table.bin and aws_iot.bin (about 950 KB).
// The same version gives the same bytes; another version changes only the app. chip: a row of
// chip_model.h, which determines the images' chip id, the bootloader's offset and the addresses of
// the code. settings: where this firmware looks for its identity, for which the partition table has
// a partition.
// Errors (config): file_unwritable, chip_not_simulated.
[[nodiscard]] Result<void> write_sample_firmware(const std::filesystem::path& directory,
                                                 std::string_view version = "1.0.0",
                                                 std::string_view chip = "esp32",
                                                 const FirmwareSettings& settings = {});

}  // namespace imprint::simulator
