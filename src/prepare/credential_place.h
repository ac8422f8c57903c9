// Where the credentials of a run go, how they are packed, and which of the project's own files are
// in the same partition.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "image/partition_table.h"
#include "image/spiffs.h"
#include "prepare/firmware.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// A file that every board gets beside its identity, and where it comes from.
struct CommonFile {
    image::spiffs::File file;
    std::string origin;  // "build/storage.bin", for errors
};

struct CredentialPlace {
    image::Partition partition;
    image::spiffs::Geometry geometry;  // as the firmware's SPIFFS expects it
    std::vector<CommonFile> files;     // from the build's image for this partition
    std::vector<std::string> notes;
};

// Errors (config): those of read_built_spiffs, choose_spiffs and image::spiffs::check;
// project_files_unreadable: the firmware could not read the build's image for the partition.
[[nodiscard]] Result<CredentialPlace> find_credential_place(const Firmware& firmware,
                                                            const FirmwareSettings& settings,
                                                            const SpiffsSettings& keys);

}  // namespace imprint::prepare
