// Identities in the partitions of boards, in each format that a board reads.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "imprint_identity/storage.h"

namespace imprint::prepare {

inline constexpr std::uint32_t stored_size = 0x20000;  // bytes of each partition
inline constexpr std::array all_formats = {
    imprint_identity::Storage::spiffs, imprint_identity::Storage::nvs,
    imprint_identity::Storage::esp_secure_cert, imprint_identity::Storage::fat};

struct Texts {
    std::string certificate;
    std::string private_key;
    std::string root_ca;
    std::string device;
};

// Of the board 240ac4000007, "lamp-7". Each makes a certificate of its own, by an authority that
// all have in common.
[[nodiscard]] Texts new_texts();
// The same one each time: keys take their time.
[[nodiscard]] const Texts& pem_texts();
// The same as DER.
[[nodiscard]] const Texts& der_texts();
// With the device.json that goes with the others; certificate: the same one as PEM.
[[nodiscard]] Texts with_device(Texts texts, const std::string& certificate_pem);

using Files = std::map<std::string, std::string>;

[[nodiscard]] imprint_identity::FileNames names_in(imprint_identity::Storage storage);
// The files by what they are called in a format.
[[nodiscard]] Files files_of(const Texts& texts, const imprint_identity::FileNames& names);

// Each copy's files.
[[nodiscard]] Bytes image_of(imprint_identity::Storage storage, const std::vector<Files>& copies);
[[nodiscard]] Bytes image_of(imprint_identity::Storage storage, const Texts& texts, int copies = 1);
[[nodiscard]] Bytes fat_image(const std::vector<Files>& copies, bool is_worn = true);

}  // namespace imprint::prepare
