#include "imprint_identity/storage.h"

#include "common.h"
#include "imprint_identity/nvs.h"
#include "imprint_identity/secure_cert.h"

namespace imprint_identity {

namespace {

template <typename Volume>
bool wipe(Volume volume, const char* name) {
    char copy[Limits::name];
    return volume.wipe(name) && (!copy_name(name, copy) || volume.wipe(copy));
}

}  // namespace

const char* to_string(Storage storage) {
    switch (storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return "NVS";
        case Storage::esp_secure_cert:
            return "esp_secure_cert";
    }
    return "SPIFFS";
}

Problem load(const Bench& bench, const Mac& mac, const Crypto& crypto, Identity& into,
             Problem& mended) {
    if (bench.flash.read == nullptr)
        return problem(Status::storage_unavailable, "there is no %s partition %s",
                       to_string(bench.storage), bench.name);
    const std::uint32_t size = bench.geometry.image_size;
    switch (bench.storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return nvs::load(bench.flash, size, bench.name, mac, crypto, into, mended);
        case Storage::esp_secure_cert:
            return secure_cert::load(bench.flash, size, bench.name, mac, crypto, into, mended);
    }
    return spiffs::load(bench.flash, bench.geometry, bench.name, bench.names, mac, crypto, into,
                        mended);
}

bool wipe_key(const Bench& bench) {
    if (bench.flash.read == nullptr) return true;
    const std::uint32_t size = bench.geometry.image_size;
    switch (bench.storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return wipe(nvs::Volume(bench.flash, size), nvs::keys().private_key);
        case Storage::esp_secure_cert:
            return wipe(secure_cert::Volume(bench.flash, size),
                        secure_cert::entry_names().private_key);
    }
    return !spiffs::is_sound(bench.geometry) ||
           wipe(spiffs::Volume(bench.flash, bench.geometry), bench.names.private_key);
}

}  // namespace imprint_identity
