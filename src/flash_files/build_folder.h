// Where a build left what goes into flash, in the layouts that people have.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "flash_files/file_list.h"

namespace imprint::flash_files {

// A folder: ESP-IDF's, with flasher_args.json; Arduino's, as "export compiled binary" and
// arduino-cli write it (*.ino.bin, *.ino.bootloader.bin, *.ino.partitions.bin; boot_app0.bin if it
// is there); PlatformIO's .pio/build/ENVIRONMENT (firmware.bin, bootloader.bin, partitions.bin), or
// the folder above with one environment; one with nothing but a merged binary. A file:
// flasher_args.json, or a merged binary. Errors (config): firmware_missing, with what is missing;
// those of read_build and of reading the files.
[[nodiscard]] Result<FileList> read_any_build(const std::filesystem::path& path);

// Where else in a project a build seems to be, for a hint; empty: nowhere.
[[nodiscard]] std::filesystem::path likely_build(const std::filesystem::path& project);

}  // namespace imprint::flash_files
