#include "sdkconfig.h"

#if CONFIG_IMPRINT_IDENTITY_NVS_ENCRYPTED

#include "esp_partition.h"
#include "nvs_cipher.h"
#include "nvs_flash.h"

namespace imprint_identity {

namespace {

constexpr unsigned key_bits = 256;

#if CONFIG_MBEDTLS_HARDWARE_AES

constexpr auto init = esp_aes_init;
constexpr auto release = esp_aes_free;
constexpr auto crypt = esp_aes_crypt_ecb;
constexpr auto set_decrypting = esp_aes_setkey;
constexpr auto set_encrypting = esp_aes_setkey;
constexpr int encrypts = ESP_AES_ENCRYPT;
constexpr int decrypts = ESP_AES_DECRYPT;

#else

constexpr auto init = mbedtls_aes_init;
constexpr auto release = mbedtls_aes_free;
constexpr auto crypt = mbedtls_aes_crypt_ecb;
constexpr auto set_decrypting = mbedtls_aes_setkey_dec;
constexpr auto set_encrypting = mbedtls_aes_setkey_enc;
constexpr int encrypts = MBEDTLS_AES_ENCRYPT;
constexpr int decrypts = MBEDTLS_AES_DECRYPT;

#endif

// Wiped when it goes.
struct Keys {
    nvs_sec_cfg_t native = {};

    Keys() = default;
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    ~Keys() {
        auto* const bytes = reinterpret_cast<volatile unsigned char*>(&native);
        for (size_t i = 0; i < sizeof(native); ++i)
            bytes[i] = 0;
    }
};

esp_err_t read_keys(nvs_sec_cfg_t& into) {
#if CONFIG_NVS_SEC_KEY_PROTECT_USING_HMAC
    nvs_sec_scheme_t* const scheme = nvs_flash_get_default_security_scheme();
    return scheme != nullptr ? nvs_flash_read_security_cfg_v2(scheme, &into) : ESP_ERR_NOT_FOUND;
#else
    const esp_partition_t* const keys = esp_partition_find_first(
        ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS_KEYS, nullptr);
    return keys != nullptr ? nvs_flash_read_security_cfg(keys, &into) : ESP_ERR_NOT_FOUND;
#endif
}

}  // namespace

NvsCipher::NvsCipher() {
    init(&data_);
    init(&tweak_);
}

NvsCipher::~NvsCipher() {
    release(&data_);
    release(&tweak_);
}

esp_err_t NvsCipher::open() {
    Keys keys;
    if (const esp_err_t failed = read_keys(keys.native); failed != ESP_OK) return failed;
    if (set_decrypting(&data_, keys.native.eky, key_bits) != 0 ||
        set_encrypting(&tweak_, keys.native.tky, key_bits) != 0)
        return ESP_FAIL;
    cipher_.decrypt = [](void* self, nvs::Cipher::Block& block) {
        return crypt(&static_cast<NvsCipher*>(self)->data_, decrypts, block, block) == 0;
    };
    cipher_.encrypt_tweak = [](void* self, nvs::Cipher::Block& block) {
        return crypt(&static_cast<NvsCipher*>(self)->tweak_, encrypts, block, block) == 0;
    };
    cipher_.context = this;
    return ESP_OK;
}

}  // namespace imprint_identity

#endif
