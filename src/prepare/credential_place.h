// Where the credentials of a run go, how they are packed, and what of the project's own is in the
// same partition.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "image/partition_table.h"
#include "prepare/credential_format.h"
#include "prepare/firmware.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct CredentialPlace {
    image::Partition partition;
    std::shared_ptr<const CredentialFormat> format;
    std::vector<Extra> project;  // from the build's image for this partition
    std::vector<std::string> notes;
};

// Errors (config): project_files_unreadable: the firmware could not read the build's image for the
// partition; those of read_built_spiffs, choose_spiffs and image::spiffs::check; nvs_size.
[[nodiscard]] Result<CredentialPlace> find_credential_place(const Firmware& firmware,
                                                            const FirmwareSettings& settings,
                                                            const CredentialSettings& credentials);

}  // namespace imprint::prepare
