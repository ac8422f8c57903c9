// The partition that the bench writes, in whichever format it is: credentials.format in
// imprint.toml, CONFIG_IMPRINT_IDENTITY_FORMAT in the firmware.
#pragma once

#include <cstdint>

#include "imprint_identity/identity.h"
#include "imprint_identity/nvs_encrypted.h"
#include "imprint_identity/spiffs.h"

namespace imprint_identity {

enum class Storage : std::uint8_t { spiffs, nvs, esp_secure_cert, fat };

struct Bench {
    Storage storage = Storage::spiffs;
    Flash flash;                          // without a read function: it is not there
    spiffs::Geometry geometry;            // of the others the size alone
    const char* name = "";                // of the partition, for the console
    FileNames names;                      // of SPIFFS and FAT alone
    const nvs::Cipher* cipher = nullptr;  // of an encrypted NVS
};

// "SPIFFS", for the console.
const char* to_string(Storage storage);

// Reads alone. mended and wanted: as imprint_identity::load has them. Where nothing is found, what
// the partition itself tells: it is blank, of another format, size or settings, encrypted or not.
Problem load(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
             Problem& mended, Parts wanted = all_parts);

// imprint_identity::device_digest of what it holds.
bool device_digest(const Bench& bench, const Crypto& crypto, Crypto::Digest& into);

// A file of the project's own that lies beside the identity (credentials.extra_directory), or a
// value of NVS or an entry: in NVS by its key in the identity's namespace, among entries as
// "user_data_2". A text's ending NUL is not counted. Reads alone. file_missing, file_too_large
// (than most), file_unreadable, out_of_memory, storage_unavailable; there is no digest for these.
Problem read_extra(const Bench& bench, const char* name, std::size_t most, Text& into);

// Writes zeros over the private key, in both copies.
bool wipe_key(const Bench& bench);

}  // namespace imprint_identity
