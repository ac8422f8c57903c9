#include "imprint_identity.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <sys/stat.h>

#include "esp_log.h"
#include "esp_mac.h"
#include "esp_spiffs.h"
#include "imprint_identity/identity.h"
#include "sdkconfig.h"

namespace {

using namespace imprint_identity;

constexpr const char* tag = "imprint";

// The partition under its path, for as long as it is read.
class Mount {
  public:
    Mount(const char* label, const char* path) : label_(label) {
        if (esp_spiffs_mounted(label)) return;
        esp_vfs_spiffs_conf_t config = {};
        config.base_path = path;
        config.partition_label = label;
        config.max_files = 1;
        config.format_if_mount_failed = false;  // or the identity would be gone
        result_ = esp_vfs_spiffs_register(&config);
        ours_ = result_ == ESP_OK;
    }

    ~Mount() {
        if (ours_) esp_vfs_spiffs_unregister(label_);
    }

    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

    esp_err_t result() const { return result_; }

  private:
    const char* label_;
    esp_err_t result_ = ESP_OK;
    bool ours_ = false;
};

// A file's whole path: mount points have at most 15 bytes, and SPIFFS names what they are set to.
struct Path {
    char text[15 + 1 + CONFIG_SPIFFS_OBJ_NAME_LEN + 1];

    Path(const char* folder, const char* name) {
        std::snprintf(text, sizeof(text), "%s/%s", folder, name);
    }
};

long file_size(void* folder, const char* name) {
    const Path path(static_cast<const char*>(folder), name);
    struct stat status;
    if (stat(path.text, &status) == 0) return static_cast<long>(status.st_size);
    return errno == ENOENT ? FileSource::missing : FileSource::unreadable;
}

bool read_file(void* folder, const char* name, char* into, std::size_t size) {
    const Path path(static_cast<const char*>(folder), name);
    std::FILE* file = std::fopen(path.text, "rb");
    if (file == nullptr) return false;
    // The C library's buffer would keep a copy of the key.
    std::setvbuf(file, nullptr, _IONBF, 0);
    const bool whole = std::fread(into, 1, size, file) == size;
    std::fclose(file);
    return whole;
}

const char* or_default(const char* wanted, const char* usual) {
    return wanted != nullptr ? wanted : usual;
}

esp_err_t to_esp_error(Status status) {
    switch (status) {
        case Status::ok:
            return ESP_OK;
        case Status::file_missing:
            return ESP_ERR_NOT_FOUND;
        case Status::file_empty:
        case Status::file_too_large:
            return ESP_ERR_INVALID_SIZE;
        case Status::out_of_memory:
            return ESP_ERR_NO_MEM;
        case Status::not_pem:
        case Status::device_invalid:
        case Status::field_missing:
        case Status::field_invalid:
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
    const char* path = or_default(wanted.base_path, CONFIG_IMPRINT_IDENTITY_BASE_PATH);
    FileNames names;
    names.certificate = or_default(wanted.certificate_name, names.certificate);
    names.private_key = or_default(wanted.private_key_name, names.private_key);
    names.root_ca = or_default(wanted.root_ca_name, names.root_ca);
    *into = {};

    const Mount mount(label, path);
    if (mount.result() != ESP_OK) {
        ESP_LOGE(tag, "%s: the partition %s does not mount (%s)",
                 to_string(Status::storage_unavailable), label, esp_err_to_name(mount.result()));
        return mount.result() == ESP_ERR_NOT_FOUND ? ESP_ERR_NOT_FOUND : ESP_FAIL;
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
    const FileSource files{file_size, read_file, const_cast<char*>(path)};
    const Problem problem = load(files, names, mac, *identity);
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
