// ESP app and bootloader images: header, segments, checksum, appended SHA-256, app description.
// Source: ESP-IDF components/bootloader_support/include/esp_app_format.h and esp_image_format.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image {

struct AppSegment {
    std::uint32_t load_address = 0;
    std::uint32_t file_offset = 0;  // of its data
    std::uint32_t size = 0;
};

struct AppDescription {  // esp_app_desc_t, in the first segment of an app
    std::string project;
    std::string version;
    std::string idf_version;
    std::string build_date;
    std::string build_time;
    Bytes elf_sha256;
    std::uint32_t secure_version = 0;  // for anti-rollback
};

struct BootloaderDescription {  // esp_bootloader_desc_t, in the first segment of a bootloader
    std::uint32_t version = 0;
    std::string idf_version;
    std::string build_time;
};

struct AppImage {
    std::uint16_t chip_id = 0;         // esp_chip_id_t: 0 ESP32, 2 S2, 5 C3, 9 S3, …
    std::uint8_t flash_mode = 0;       // header byte 2
    std::uint8_t flash_size_code = 0;  // high nibble of header byte 3
    std::uint8_t flash_frequency_code = 0;
    std::uint32_t entry = 0;
    std::uint8_t min_revision_byte = 0;  // up to ESP-IDF 4.4: only the minimum major (C3: minor)
    std::uint16_t min_revision = 0;      // major × 100 + minor
    std::uint16_t max_revision = 0;
    bool hash_appended = false;
    std::vector<AppSegment> segments;
    std::uint32_t image_size = 0;  // with checksum, padding and hash, without a signature
    std::optional<AppDescription> description;
    Bytes sha256;  // the appended one
    std::optional<BootloaderDescription> bootloader;
};

// Checks magic, segment bounds, the XOR checksum and the appended SHA-256, as the bootloader does;
// anything after the image (padding, a signature) is ignored.
// Error: app_image_damaged (config).
[[nodiscard]] Result<AppImage> parse_app_image(ByteView bytes);

// The input for building an image; used by tests and the simulator's sample firmware.
struct AppImageParts {
    std::uint16_t chip_id = 0;
    std::uint8_t flash_mode = 2;       // dio
    std::uint8_t flash_size_code = 2;  // 4 MB
    std::uint8_t flash_frequency_code = 0;
    std::uint32_t entry = 0x40080000;
    std::uint8_t min_revision_byte = 0;
    std::uint16_t min_revision = 0;
    std::uint16_t max_revision = 0xFFFF;  // any
    // Load address and data (padded to 4), at most 16.
    std::vector<std::pair<std::uint32_t, Bytes>> segments;
    bool append_hash = true;
};

[[nodiscard]] Bytes build_app_image(const AppImageParts& parts);
// A 256-byte esp_app_desc_t to put at the start of the first segment.
[[nodiscard]] Bytes build_app_description(const AppDescription& description);

}  // namespace imprint::image
