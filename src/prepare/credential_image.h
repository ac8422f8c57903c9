// The partition image that carries one board's identity.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "image/partition_table.h"
#include "loader/flash_data.h"
#include "prepare/board_values.h"
#include "prepare/credential_place.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// Read by the firmware at boot: firmware/components/imprint_identity.
struct DeviceFacts {
    std::string thing_name;
    std::string client_id;
    std::string endpoint;  // host of the broker
    std::uint16_t port = 8883;
    std::string lot;          // may be empty
    std::string serial = {};  // number; may be empty
};

// Of the files beside it, as the board checks them: SHA-256, lower-case hex.
struct CredentialDigests {
    std::string certificate;
    std::string private_key;
    std::string root_ca;
    std::string public_key;  // as CertificateFacts has it; empty: left out
};

// docs/firmware.md has its members. The last one is a checksum over what is in front of it.
[[nodiscard]] std::string device_json(const DeviceFacts& facts, const CredentialDigests& digests);

// The parts that are the same on every board of a run.
struct CredentialTemplate {
    image::Partition partition;
    std::shared_ptr<const CredentialFormat> format;
    CredentialSettings settings;
    std::string root_ca_pem;
    // The project's own and those of settings.extra_directory, read once.
    std::vector<Extra> extra;
    BoardValues values;  // what differs from board to board
    std::vector<std::string> notes;
};

// Errors (config): those of image_tool::read_directory, CredentialFormat::path_of and
// BoardValues::read, and credential_names (two of one name, with the origin of each).
[[nodiscard]] Result<CredentialTemplate> make_credential_template(
    const CredentialPlace& place, const CredentialSettings& settings,
    const std::string& root_ca_pem);

// Sizes of a certificate and a key as stored in an image.
struct IdentitySize {
    std::size_t certificate = 0;
    std::size_t key = 0;
};

// Checks before the first board is touched whether an identity of this size fits, beside the
// largest values that a board can have. Returns the image layer's warnings, and that there is no
// room for a second copy where one is wanted.
[[nodiscard]] Result<std::vector<std::string>> check_credentials_fit(const CredentialTemplate& form,
                                                                     const IdentitySize& identity,
                                                                     const DeviceFacts& facts);

// The image itself. It holds the key: the caller wipes it. extras: of this board, as
// CredentialTemplate::values has them.
[[nodiscard]] Result<Bytes> credential_image_bytes(const CredentialTemplate& form,
                                                   const std::string& certificate_pem,
                                                   const Secret& private_key_pem,
                                                   const DeviceFacts& facts,
                                                   const std::vector<Extra>& extras = {});

// The image ready to be flashed: compressed, which takes most of the time.
[[nodiscard]] Result<loader::FlashData> build_credential_image(
    const CredentialTemplate& form, const std::string& certificate_pem,
    const Secret& private_key_pem, const DeviceFacts& facts, const std::vector<Extra>& extras = {});

}  // namespace imprint::prepare
