#include "places.h"

#include <cstring>
#include <new>
#include <utility>

#include "crypto.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "sdkconfig.h"

namespace imprint_identity {

namespace {

constexpr const char* tag = "imprint";

const esp_partition_t& partition_in(void* context) {
    return *static_cast<const esp_partition_t*>(context);
}

bool read_partition(void* context, std::uint32_t at, void* into, std::size_t size) {
    return esp_partition_read(&partition_in(context), at, into, size) == ESP_OK;
}

bool write_partition(void* context, std::uint32_t at, const void* from, std::size_t size) {
    return esp_partition_write(&partition_in(context), at, from, size) == ESP_OK;
}

bool erase_partition(void* context, std::uint32_t at, std::size_t size) {
    return esp_partition_erase_range(&partition_in(context), at, size) == ESP_OK;
}

const char* or_default(const char* wanted, const char* usual) {
    return wanted != nullptr ? wanted : usual;
}

esp_err_t to_esp_error(Status status) {
    switch (status) {
        case Status::ok:
            return ESP_OK;
        case Status::not_prepared:
        case Status::file_missing:
        case Status::nothing_staged:
            return ESP_ERR_NOT_FOUND;
        case Status::damaged:
            return ESP_ERR_INVALID_CRC;
        case Status::file_empty:
        case Status::file_too_large:
        case Status::no_room:
            return ESP_ERR_INVALID_SIZE;
        case Status::out_of_memory:
            return ESP_ERR_NO_MEM;
        case Status::not_pem:
        case Status::device_invalid:
        case Status::field_missing:
        case Status::field_invalid:
        case Status::key_mismatch:
            return ESP_ERR_INVALID_RESPONSE;
        case Status::another_boards:
            return ESP_ERR_INVALID_MAC;
        case Status::storage_unavailable:
        case Status::file_unreadable:
        case Status::not_written:
            break;
    }
    return ESP_FAIL;
}

// How the bench keeps the identity, and in which kind of partition.
struct Kept {
    Storage storage;
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
};

#if defined(CONFIG_IMPRINT_IDENTITY_FORMAT_NVS)
constexpr Kept kept = {Storage::nvs, ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS};
#elif defined(CONFIG_IMPRINT_IDENTITY_FORMAT_ESP_SECURE_CERT)
// ESP_SECURE_CERT_TLV_PARTITION_TYPE of esp_secure_cert_mgr.
constexpr Kept kept = {Storage::esp_secure_cert, static_cast<esp_partition_type_t>(0x3F),
                       ESP_PARTITION_SUBTYPE_ANY};
#else
constexpr Kept kept = {Storage::spiffs, ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_SPIFFS};
#endif

// As this firmware would mount SPIFFS, if it did; ESP-IDF's defaults where it has no SPIFFS.
spiffs::Geometry geometry_of(const esp_partition_t& partition) {
    spiffs::Geometry geometry;
    geometry.image_size = partition.size;
#ifdef CONFIG_SPIFFS_PAGE_SIZE
    geometry.page_size = CONFIG_SPIFFS_PAGE_SIZE;
    geometry.name_length = CONFIG_SPIFFS_OBJ_NAME_LEN;
    geometry.metadata_length = CONFIG_SPIFFS_META_LENGTH;
#ifndef CONFIG_SPIFFS_USE_MAGIC
    geometry.use_magic = false;
#endif
#ifndef CONFIG_SPIFFS_USE_MAGIC_LENGTH
    geometry.use_magic_length = false;
#endif
#endif
    return geometry;
}

}  // namespace

esp_err_t find_places(const imprint_identity_config_t& wanted, Places& into) {
    into.storage = kept.storage;
    into.bench_name = or_default(wanted.partition_label, CONFIG_IMPRINT_IDENTITY_PARTITION);
    const esp_partition_t* const bench =
        esp_partition_find_first(kept.type, kept.subtype, into.bench_name);
    if (bench != nullptr) {
        into.bench = {read_partition, const_cast<esp_partition_t*>(bench), write_partition};
        into.bench_geometry = geometry_of(*bench);
    }
    constexpr const char* slots_name = CONFIG_IMPRINT_IDENTITY_SLOTS;
    const esp_partition_t* const slots =
        *slots_name == '\0' ? nullptr
                            : esp_partition_find_first(ESP_PARTITION_TYPE_DATA,
                                                       ESP_PARTITION_SUBTYPE_ANY, slots_name);
    if (slots != nullptr)
        into.slots = {read_partition, write_partition, erase_partition,
                      const_cast<esp_partition_t*>(slots), slots->size};
    if (bench == nullptr && slots == nullptr) {
        ESP_LOGE(tag, "%s: there is no %s partition %s", to_string(Status::storage_unavailable),
                 to_string(kept.storage), into.bench_name);
        return ESP_ERR_NOT_FOUND;
    }
    into.names.certificate = or_default(wanted.certificate_name, into.names.certificate);
    into.names.private_key = or_default(wanted.private_key_name, into.names.private_key);
    into.names.root_ca = or_default(wanted.root_ca_name, into.names.root_ca);
    into.crypto = mbedtls_crypto();
    // The MAC that was burned in the factory and that esptool reads, whatever base MAC the firmware
    // has set. Chips with IEEE 802.15.4 may write eight bytes.
    std::uint8_t factory_mac[8] = {};
    const esp_err_t failed = esp_read_mac(factory_mac, ESP_MAC_EFUSE_FACTORY);
    std::memcpy(into.mac, factory_mac, sizeof(into.mac));
    return failed;
}

esp_err_t told(const Problem& problem) {
    if (problem) ESP_LOGE(tag, "%s: %s", to_string(problem.status), problem.text);
    return to_esp_error(problem.status);
}

esp_err_t hand_over(const Problem& problem, const Problem& mended, Identity& identity,
                    imprint_identity_t& into) {
    if (mended)
        ESP_LOGW(tag, "%s: %s; read from the second copy", to_string(mended.status), mended.text);
    if (problem) return told(problem);
    auto* const kept = new (std::nothrow) Identity;
    if (kept == nullptr) return ESP_ERR_NO_MEM;
    *kept = std::move(identity);
    into.thing_name = kept->thing_name.c_str();
    into.client_id = kept->client_id.c_str();
    into.endpoint = kept->endpoint.c_str();
    into.lot = kept->lot.c_str();
    into.port = kept->port;
    into.certificate = kept->certificate.c_str();
    into.private_key = kept->private_key.c_str();
    into.root_ca = kept->root_ca.c_str();
    into.owner = kept;
    return ESP_OK;
}

}  // namespace imprint_identity
