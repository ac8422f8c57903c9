// Flash mode, frequency and size in a bootloader's image. The ROM reads them before it can read
// anything else from the flash, so they must suit the board and not only the build.
// Source: esptool docs/en/advanced-topics/firmware-image-format.rst ("File Header", "Footer") and
// esptool/cmds.py, _update_image_flash_params and FLASH_MODES; ESP-IDF
// components/bootloader_support/include/esp_app_format.h (esp_image_spi_mode_t, …).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "loader/chip.h"

namespace imprint::loader {

// Empty: as in the image.
struct FlashParameters {
    std::optional<std::string> mode;       // qio, qout, dio, dout
    std::optional<std::string> frequency;  // "80m": one of the chip's
    std::optional<std::uint32_t> size;     // bytes: 1 MB to 128 MB, a power of two
};

// A file with these parameters in bytes 2 and 3 of the header of the bootloader in it, and that
// image's appended SHA-256 recomputed if it has one. The checksum covers only the segments and is
// unchanged; so is anything around the image. `offset` is the file's address in flash.
// Errors (config): flash_parameters (no such mode, frequency or size; lists those there are);
// not_a_bootloader (none where the chip looks for it, or made for another chip); bootloader_signed
// (a signature covers the header); app_image_damaged.
[[nodiscard]] Result<Bytes> with_flash_parameters(const Chip& chip, std::uint32_t offset,
                                                  ByteView file, const FlashParameters& wanted);

}  // namespace imprint::loader
