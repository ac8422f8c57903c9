#include "imprint_identity.h"

#include <cstring>
#include <new>

#include "crypto.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "imprint_identity/identity.h"
#include "imprint_identity/spiffs.h"
#include "sdkconfig.h"

namespace {

using namespace imprint_identity;

constexpr const char* tag = "imprint";

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

bool read_partition(void* partition, std::uint32_t at, void* into, std::size_t size) {
    return esp_partition_read(static_cast<const esp_partition_t*>(partition), at, into, size) ==
           ESP_OK;
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
            return ESP_ERR_NOT_FOUND;
        case Status::damaged:
            return ESP_ERR_INVALID_CRC;
        case Status::file_empty:
        case Status::file_too_large:
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
            break;
    }
    return ESP_FAIL;
}

}  // namespace

esp_err_t imprint_identity_load(const imprint_identity_config_t* config, imprint_identity_t* into) {
    const imprint_identity_config_t wanted =
        config != nullptr ? *config : imprint_identity_config_t{};
    const char* label = or_default(wanted.partition_label, CONFIG_IMPRINT_IDENTITY_PARTITION);
    FileNames names;
    names.certificate = or_default(wanted.certificate_name, names.certificate);
    names.private_key = or_default(wanted.private_key_name, names.private_key);
    names.root_ca = or_default(wanted.root_ca_name, names.root_ca);
    *into = {};

    const esp_partition_t* partition =
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_SPIFFS, label);
    if (partition == nullptr) {
        ESP_LOGE(tag, "%s: there is no SPIFFS partition %s", to_string(Status::storage_unavailable),
                 label);
        return ESP_ERR_NOT_FOUND;
    }

    // The MAC that was burned in the factory and that esptool reads, whatever base MAC the firmware
    // has set. Chips with IEEE 802.15.4 may write eight bytes.
    std::uint8_t factory_mac[8] = {};
    if (const esp_err_t failed = esp_read_mac(factory_mac, ESP_MAC_EFUSE_FACTORY); failed != ESP_OK)
        return failed;
    Mac mac;
    std::memcpy(mac, factory_mac, sizeof(mac));

    auto* identity = new (std::nothrow) Identity;
    if (identity == nullptr) return ESP_ERR_NO_MEM;
    const spiffs::Flash flash{read_partition, const_cast<esp_partition_t*>(partition)};
    Problem mended;
    const Problem problem = spiffs::load(flash, geometry_of(*partition), label, names, mac,
                                         mbedtls_crypto(), *identity, mended);
    if (mended)
        ESP_LOGW(tag, "%s: %s; read from the second copy", to_string(mended.status), mended.text);
    if (problem) {
        ESP_LOGE(tag, "%s: %s", to_string(problem.status), problem.text);
        delete identity;
        return to_esp_error(problem.status);
    }
    into->thing_name = identity->thing_name.c_str();
    into->client_id = identity->client_id.c_str();
    into->endpoint = identity->endpoint.c_str();
    into->lot = identity->lot.c_str();
    into->port = identity->port;
    into->certificate = identity->certificate.c_str();
    into->private_key = identity->private_key.c_str();
    into->root_ca = identity->root_ca.c_str();
    into->owner = identity;
    return ESP_OK;
}

void imprint_identity_free(imprint_identity_t* identity) {
    delete static_cast<Identity*>(identity->owner);  // its texts wipe themselves
    *identity = {};
}
