// flasher_args.json, where ESP-IDF's build says what to flash; parsed here for both `prepare` and
// `board flash`. Format: ESP-IDF components/esptool_py/flasher_args.json.in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace imprint::flash_files {

// The flash size that the bootloader's header is to state.
struct HeaderFlashSize {
    enum class Kind : std::uint8_t {
        keep,    // as built
        detect,  // what the board has
        given,
    };
    Kind kind = Kind::keep;
    std::uint32_t bytes = 0;  // of `given`
};

// "4MB", "detect", "keep"; empty: none of them.
[[nodiscard]] std::optional<HeaderFlashSize> parse_header_flash_size(const std::string& text);

struct FlasherFile {
    std::uint32_t offset = 0;  // bytes into flash
    std::string name;          // as written there, relative to the file's folder
    bool encrypted = false;    // marked as such: for a partition that is encrypted
};

struct FlasherArgs {
    std::string chip;                // "esp32s3"; empty: not stated
    std::vector<FlasherFile> files;  // by offset
    std::optional<std::uint32_t> table_offset;
    HeaderFlashSize flash_size;  // as built if not stated
};

// Errors (config): flasher_args_damaged; those of reading the file.
[[nodiscard]] Result<FlasherArgs> read_flasher_args(const std::filesystem::path& path);

}  // namespace imprint::flash_files
