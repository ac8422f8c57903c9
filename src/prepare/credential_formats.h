// The classes behind the rows of credential_format.cpp.
#pragma once

#include "image/spiffs.h"
#include "prepare/credential_format.h"

namespace imprint::prepare {

// Files in the root, the second copy in the folder copy. geometry: as the firmware's SPIFFS expects
// it, without its size.
[[nodiscard]] std::shared_ptr<const CredentialFormat> spiffs_format(
    const image::Partition& partition, const image::spiffs::Geometry& geometry = {});

// Blobs in namespaces of their own: firmware/components/imprint_identity, nvs.h.
[[nodiscard]] std::shared_ptr<const CredentialFormat> nvs_format(const image::Partition& partition);

// Entries: firmware/components/imprint_identity, secure_cert.h.
[[nodiscard]] std::shared_ptr<const CredentialFormat> secure_cert_format(
    const image::Partition& partition);

// -- what they share ------------------------------------------------------------------------------

[[nodiscard]] std::unexpected<Error> own_image_unreadable(const OwnImage& own,
                                                          const image::Partition& partition,
                                                          const std::string& why);

// Whether it begins where the partition does. Error: project_files_unreadable (config).
[[nodiscard]] Result<void> check_own_image(const OwnImage& own, const image::Partition& partition);

[[nodiscard]] bool is_erased(ByteView content);

// "2 files of build/storage.bin are packed with each board's credentials, in partition …"
[[nodiscard]] std::string packed_with(std::size_t count, std::string_view what, const OwnImage& own,
                                      const image::Partition& partition);

[[nodiscard]] std::unexpected<Error> bad_extra(std::string_view name, const std::string& why,
                                               std::string hint);

}  // namespace imprint::prepare
