// A board's credentials over their whole life: those that the bench wrote, and those that took
// their place in the field.
#pragma once

#include "imprint_identity/identity.h"
#include "imprint_identity/slots.h"
#include "imprint_identity/storage.h"

namespace imprint_identity {

// Where they are. What has no read function is not there.
struct Places {
    Storage storage = Storage::spiffs;  // of what the bench has written
    spiffs::Flash bench;
    spiffs::Geometry bench_geometry;
    const nvs::Cipher* bench_cipher = nullptr;  // of an encrypted NVS
    const char* bench_name = "";                // of the partition, for the console
    FileNames names;                            // as the bench has them
    slots::Flash slots;
    Mac mac = {};
    Crypto crypto;
};

// What the bench has written, by itself.
Bench bench_of(const Places& places);

// What is new; null or 0: it stays as it is in force.
struct NewCredentials {
    const char* certificate = nullptr;  // PEM, with an ending NUL
    const char* private_key = nullptr;
    const char* root_ca = nullptr;
    const char* endpoint = nullptr;
    std::uint16_t port = 0;
    // Where one of them is DER: its bytes.
    std::size_t certificate_size = 0;
    std::size_t private_key_size = 0;
    std::size_t root_ca_size = 0;
};

// The credentials in force. Reads alone. wanted: as imprint_identity::load has it.
Problem load_in_force(const Places& places, Identity& into, Problem& mended,
                      Parts wanted = all_parts);
// The staged ones; nothing_staged.
Problem load_staged(const Places& places, Identity& into, Problem& mended);
// Writes them beside what is in force; Slots::stage. storage_unavailable: there are no slots.
Problem stage(const Places& places, const NewCredentials& wanted);
// Slots::commit, and then the former key is wiped, in a slot or where the bench wrote it.
Problem commit(const Places& places);
Problem rollback(const Places& places);

}  // namespace imprint_identity
