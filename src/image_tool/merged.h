// The parts of a merged binary, and the place of a bootloader: for those who flash files that no
// build describes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace imprint::image_tool {

struct MergedPart {
    std::string name;          // "bootloader", "partition table", a partition's
    std::uint32_t offset = 0;  // in flash
    std::uint64_t from = 0;    // in the file
    std::uint64_t size = 0;
};

// All that was written, by place in flash; what is erased is left out. Images end where they end,
// other partitions with the partition or the file. Error: firmware_missing (config): the file holds
// no partition table as a merged binary would.
[[nodiscard]] Result<std::vector<MergedPart>> merged_parts(const std::filesystem::path& file);

// Where the chip that the bootloader is made for looks for it. Errors: app_image_damaged, those of
// reading the file.
[[nodiscard]] Result<std::uint32_t> bootloader_place(const std::filesystem::path& file);

}  // namespace imprint::image_tool
