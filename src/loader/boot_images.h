// The images among what is to be written, and whether a chip would start them: one set of checks
// for `prepare` and `board flash`. Source: ESP-IDF
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
#include "loader/chip.h"
#include "loader/flash_data.h"

namespace imprint::loader {

struct BootImage {
    std::string label;         // of the file that it is in
    std::uint32_t offset = 0;  // in flash
    image::AppImage header;
};

// Every sound image in a file that will lie at `offset`: at its beginning, and inside a merged one
// where chips look for their bootloader, and where a partition table in it says that an app begins.
[[nodiscard]] std::vector<BootImage> find_images(std::string_view label, std::uint32_t offset,
                                                 ByteView content);

// What the image asks of the chip's revision, major × 100 + minor.
struct RevisionRange {
    std::uint16_t least = 0;
    std::uint16_t most = 0xFFFF;  // 0xFFFF: any

    [[nodiscard]] bool holds(std::uint16_t revision) const {
        return revision >= least && (most == 0xFFFF || revision <= most);
    }
};

// Images of ESP-IDF up to 4.4 have a least major revision in an older byte (the C3's: minor).
[[nodiscard]] RevisionRange revisions_of(const image::AppImage& header);
// "v3.1 and later", "v0.3 to v0.99", "any".
[[nodiscard]] std::string to_string(const RevisionRange& range);

// What is wrong with them, as a sentence; empty: nothing.
[[nodiscard]] std::optional<std::string> chip_fault(std::span<const BootImage> images,
                                                    const Chip& chip);
[[nodiscard]] std::optional<std::string> revision_fault(std::span<const BootImage> images,
                                                        std::uint16_t revision);
// What suits all of them.
[[nodiscard]] RevisionRange common_revisions(std::span<const BootImage> images);
// No chip suits all of them.
[[nodiscard]] std::optional<std::string> revisions_apart(std::span<const BootImage> images);
// An image that lies where only a bootloader could, and where this chip looks for none.
[[nodiscard]] std::optional<std::string> bootloader_fault(std::span<const BootImage> images,
                                                          const Chip& chip);

// Would a board start with these images? Errors (config): firmware_no_bootloader,
// firmware_misplaced (an image where nobody starts it).
[[nodiscard]] Result<void> check_bootloader(std::span<const BootImage> images, const Chip& chip);
// Would its bootloader, by this table and the OTA data among the regions, find an app? Errors
// (config): firmware_no_app, firmware_misplaced.
[[nodiscard]] Result<void> check_apps(std::span<const BootImage> images,
                                      const image::PartitionTable& table,
                                      std::span<const FlashData> regions);

// As the bootloader takes it from its header; 0: a code that no size has.
[[nodiscard]] std::uint32_t flash_size_in(const image::AppImage& header);

}  // namespace imprint::loader
