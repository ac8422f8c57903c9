#include "simulator/device_credentials.h"

#include <algorithm>
#include <utility>

#include "pki/key.h"
#include "simulator/board_crypto.h"

namespace imprint::simulator {

namespace {

using imprint_identity::Storage;

constexpr std::string_view slots_name = "slots";

// CONFIG_IMPRINT_IDENTITY_PARTITION by default.
const char* partition_name(Storage storage) {
    switch (storage) {
        case Storage::spiffs:
        case Storage::fat:
            break;
        case Storage::nvs:
            return "credentials";
        case Storage::esp_secure_cert:
            return "esp_secure_cert";
    }
    return "storage";
}

// SPIFFS by whatever name: other projects' samples have their own.
bool is_of(Storage storage, const image::Partition& partition) {
    constexpr std::uint8_t secure_cert_type = 0x3F;
    switch (storage) {
        case Storage::spiffs:
            return partition.is_spiffs();
        case Storage::nvs:
            return partition.is_nvs() && partition.name == partition_name(storage);
        case Storage::esp_secure_cert:
            return partition.type == secure_cert_type && partition.name == partition_name(storage);
        case Storage::fat:
            break;  // the bench does not write it
    }
    return false;
}

}  // namespace

DeviceCredentials::DeviceCredentials(const image::PartitionTable& table,
                                     const FirmwareSettings& settings, const MacAddress& mac,
                                     std::shared_ptr<AppFlash> flash)
    : flash_(std::move(flash)), bench_name_(partition_name(settings.storage)) {
    bool has_bench = false;
    for (const image::Partition& one : table.partitions()) {
        const Part part{flash_.get(), one.offset, one.size};
        if (is_of(settings.storage, one) && !has_bench) {
            has_bench = true;
            bench_name_ = one.name;
            bench_ = part;
        }
        if (one.name == slots_name) slots_ = part;
    }
    places_.storage = settings.storage;
    places_.bench_name = bench_name_.c_str();
    if (has_bench) {
        places_.bench = {read, &bench_, write};
        places_.bench_geometry = settings.spiffs;
        places_.bench_geometry.image_size = bench_.size;
    }
    if (slots_.size != 0) places_.slots = {read, write, erase, &slots_, slots_.size};
    std::ranges::copy(mac.octets, std::begin(places_.mac));
    places_.crypto = board_crypto();
}

bool DeviceCredentials::read(void* part, std::uint32_t at, void* into, std::size_t size) {
    const auto& in = *static_cast<const Part*>(part);
    return in.lies_in(at, size) && in.flash->read(in.offset + at, into, size);
}

bool DeviceCredentials::write(void* part, std::uint32_t at, const void* from, std::size_t size) {
    const auto& in = *static_cast<const Part*>(part);
    return in.lies_in(at, size) && in.flash->write(in.offset + at, from, size);
}

bool DeviceCredentials::erase(void* part, std::uint32_t at, std::size_t size) {
    const auto& in = *static_cast<const Part*>(part);
    return in.lies_in(at, size) && in.flash->erase(in.offset + at, size);
}

bool make_request(const char* common_name, imprint_identity::Text& private_key,
                  imprint_identity::Text& request) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    if (!key) return false;
    const Secret pem = key->to_pem();
    const std::string text = key->request(common_name);
    private_key = imprint_identity::Text(pem.reveal_text().data(), pem.reveal_text().size());
    request = imprint_identity::Text(text.data(), text.size());
    return !private_key.empty() && !request.empty();
}

}  // namespace imprint::simulator
