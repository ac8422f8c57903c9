// Finds the images among the files to be written, and checks whether a chip would start them: the
// same checks for `prepare` and `board flash`. Source: ESP-IDF
// components/bootloader_support/src/bootloader_common_loader.c
// (bootloader_common_check_chip_validity) and bootloader_utility.c; esptool esptool/cmds.py,
// write_flash, for which of the revisions in a header count.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/app_image.h"
#include "image/partition_table.h"
#include "image/placed_table.h"
#include "loader/chip.h"
#include "loader/flash_data.h"

namespace imprint::loader {

struct BootImage {
    std::string label;         // of the file that contains it
    std::uint32_t offset = 0;  // in flash
    image::AppImage header;
};

// The partition table in force in a file that will be at `offset`; none if there is none.
[[nodiscard]] std::optional<image::PlacedTable> find_table(std::uint32_t offset, ByteView content);

// Every valid image in a file that will be at `offset`: at its beginning, and in a merged file
// where chips look for their bootloader and where a partition table in it has an app.
[[nodiscard]] std::vector<BootImage> find_images(std::string_view label, std::uint32_t offset,
                                                 ByteView content);
// "app.bin (0x10000)" of each image for the ESP8266, at the same places.
[[nodiscard]] std::vector<std::string> find_esp8266_images(std::string_view label,
                                                           std::uint32_t offset, ByteView content);
// The chip whose bootloader an image is, which lies where that chip looks for it; null: none is.
[[nodiscard]] const Chip* bootloaders_chip(const BootImage& image);

// The chip revisions that an image requires, major × 100 + minor.
struct RevisionRange {
    std::uint16_t least = 0;
    std::uint16_t most = 0xFFFF;  // 0xFFFF: any

    [[nodiscard]] bool holds(std::uint16_t revision) const {
        return revision >= least && (most == 0xFFFF || revision <= most);
    }
};

// Images of ESP-IDF up to 4.4 have a minimum major revision in an older byte (the C3's: minor).
[[nodiscard]] RevisionRange revisions_of(const image::AppImage& header);
// "v3.1 and later", "v0.3 to v0.99", "any".
[[nodiscard]] std::string to_string(const RevisionRange& range);

// What is wrong with them, as a sentence; empty: nothing.
[[nodiscard]] std::optional<std::string> chip_fault(std::span<const BootImage> images,
                                                    const Chip& chip);
[[nodiscard]] std::optional<std::string> revision_fault(std::span<const BootImage> images,
                                                        std::uint16_t revision);
// The revisions that all of them accept.
[[nodiscard]] RevisionRange common_revisions(std::span<const BootImage> images);
// A sentence if no revision suits all of them.
[[nodiscard]] std::optional<std::string> revisions_apart(std::span<const BootImage> images);
// A sentence if a bootloader image is where this chip does not look for its bootloader.
[[nodiscard]] std::optional<std::string> bootloader_fault(std::span<const BootImage> images,
                                                          const Chip& chip);

// Whether a board would start with these images. Errors (config): firmware_no_bootloader,
// firmware_misplaced (an image where nothing starts it).
[[nodiscard]] Result<void> check_bootloader(std::span<const BootImage> images, const Chip& chip);
// Whether each image begins with its partition and ends in it, and the bootloader below the table.
// Errors (config): firmware_misplaced, firmware_does_not_fit.
[[nodiscard]] Result<void> check_places(std::span<const BootImage> images,
                                        const image::PlacedTable& table);
// Whether the bootloader would find an app, given this table and the OTA data among the regions.
// Error (config): firmware_no_app.
[[nodiscard]] Result<void> check_apps(std::span<const BootImage> images,
                                      const image::PartitionTable& table,
                                      std::span<const FlashData> regions);

// As the bootloader reads it from its header; 0: a code without a size.
[[nodiscard]] std::uint32_t flash_size_in(const image::AppImage& header);

}  // namespace imprint::loader
