// What every board of a run gets alike: read, checked, hashed and compressed once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/partition_table.h"
#include "loader/chip.h"
#include "loader/flash_data.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct FirmwareFile {
    std::filesystem::path path;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // bytes, of the file itself
    std::string sha256;      // lower-case hex
};

// An image that the build has for the partition of the credentials: not flashed as it is.
struct OwnImage {
    std::filesystem::path path;
    std::uint32_t offset = 0;  // in flash
    Bytes content;
};

struct Firmware {
    const loader::Chip* chip = nullptr;
    std::vector<loader::FlashData> regions;  // by offset; without the credential partition
    std::vector<FirmwareFile> files;
    image::PartitionTable table;
    std::uint32_t table_offset = 0;    // in flash
    image::Partition credentials;      // where the identity goes
    std::uint32_t flash_size = 0;      // bytes that a board must have
    std::string commit;                // of the source; empty: not from git
    std::string digest;                // SHA-256 over offsets and files: names this set
    std::vector<OwnImage> own_images;  // see prepare/credential_place.h
    std::vector<std::string> notes;    // what was left out, and why
};

// Reads ESP-IDF's flasher_args.json (ESP-IDF: components/esptool_py/flasher_args.json.in) and every
// file that it names. Errors (config): firmware_missing, flasher_args_damaged, build_file_outside,
// firmware_wrong_chip, firmware_does_not_fit, firmware_overlap, credential_partition, and what the
// image layer says.
[[nodiscard]] Result<Firmware> load_firmware(const FirmwareSettings& settings,
                                             const std::string& credential_partition);

// The partition that the identity goes to: the named one, or the only SPIFFS partition.
[[nodiscard]] Result<image::Partition> find_credential_partition(const image::PartitionTable& table,
                                                                 const std::string& name);

}  // namespace imprint::prepare
