// The partition that the bench writes, in whichever format it is: credentials.format in
// imprint.toml, CONFIG_IMPRINT_IDENTITY_FORMAT in the firmware.
#pragma once

#include <cstdint>

#include "imprint_identity/identity.h"
#include "imprint_identity/spiffs.h"

namespace imprint_identity {

enum class Storage : std::uint8_t { spiffs, nvs, esp_secure_cert };

struct Bench {
    Storage storage = Storage::spiffs;
    Flash flash;                // without a read function: it is not there
    spiffs::Geometry geometry;  // of the others the size alone
    const char* name = "";      // of the partition, for the console
    FileNames names;            // of SPIFFS alone
};

// "SPIFFS", for the console.
const char* to_string(Storage storage);

// Reads alone. mended: as imprint_identity::load has it.
Problem load(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
             Problem& mended);

// Writes zeros over the private key, in both copies.
bool wipe_key(const Bench& bench);

}  // namespace imprint_identity
