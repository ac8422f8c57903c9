// Where the credentials of a run go, how that is packed, and what of the project's own lies there
// too.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "image/partition_table.h"
#include "image/spiffs.h"
#include "prepare/firmware.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// A file that every board gets beside its identity, and where it is from.
struct CommonFile {
    image::spiffs::File file;
    std::string origin;  // "build/storage.bin", for errors
};

struct CredentialPlace {
    image::Partition partition;
    image::spiffs::Geometry geometry;  // as the firmware reads it
    std::vector<CommonFile> files;     // of the image that the build has for this partition
    std::vector<std::string> notes;
};

// Errors (config): those of read_built_spiffs, choose_spiffs and image::spiffs::check;
// project_files_unreadable: the build's image for the partition is none that its firmware reads.
[[nodiscard]] Result<CredentialPlace> find_credential_place(const Firmware& firmware,
                                                            const FirmwareSettings& settings,
                                                            const SpiffsSettings& keys);

}  // namespace imprint::prepare
