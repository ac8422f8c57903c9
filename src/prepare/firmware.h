// The firmware that every board of a run gets: read, checked, hashed and compressed once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "flash_files/flash_set.h"
#include "image/partition_table.h"
#include "prepare/built_app.h"
#include "prepare/credential_format.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// Its regions do not include the credential partition.
struct Firmware : flash_files::FlashSet {
    image::Partition credentials;      // where the identity goes
    BuiltApp app;                      // the first app among the files
    std::string commit;                // of the source; empty: not from git
    std::string digest;                // SHA-256 over offsets and files: names this set
    std::vector<OwnImage> own_images;  // see prepare/credential_place.h
};

// The build's files, read by flash_files, and what `prepare` needs to know of them. Errors
// (config): firmware_missing, flasher_args_damaged, build_file_outside, credential_partition, those
// of flash_files::load_flash_set and loader::check_bootloader, and those of the image layer.
[[nodiscard]] Result<Firmware> load_firmware(const FirmwareSettings& settings,
                                             const CredentialSettings& credentials);

// The partition for the identity: the named one, or the only one that its format means.
[[nodiscard]] Result<image::Partition> find_credential_partition(
    const image::PartitionTable& table, const CredentialSettings& settings);

}  // namespace imprint::prepare
