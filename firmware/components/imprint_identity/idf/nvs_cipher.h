// The keys of an encrypted NVS partition, as ESP-IDF finds them, and AES with them.
#pragma once

#include "esp_err.h"
#include "imprint_identity/nvs_encrypted.h"
#include "mbedtls/build_info.h"
#include "sdkconfig.h"

// As ESP-IDF's own NVS includes it: nvs_xts_aes.h of 6.0, nvs_encrypted_partition.hpp of 5.
#if CONFIG_MBEDTLS_HARDWARE_AES
#include "aes/esp_aes.h"
#elif MBEDTLS_VERSION_MAJOR >= 4
#define MBEDTLS_DECLARE_PRIVATE_IDENTIFIERS
#include "mbedtls/private/aes.h"
#else
#include "mbedtls/aes.h"
#endif

namespace imprint_identity {

class NvsCipher {
  public:
    NvsCipher();
    ~NvsCipher();  // wipes the keys

    NvsCipher(const NvsCipher&) = delete;
    NvsCipher& operator=(const NvsCipher&) = delete;

    // By the scheme that this firmware has for NVS (CONFIG_NVS_ENCRYPTION): the first partition of
    // NVS keys, or an HMAC key in the eFuses. Keys that are not there yet are not made.
    esp_err_t open();

    [[nodiscard]] const nvs::Cipher& cipher() const { return cipher_; }

  private:
#if CONFIG_MBEDTLS_HARDWARE_AES
    using Aes = esp_aes_context;
#else
    using Aes = mbedtls_aes_context;
#endif

    Aes data_;
    Aes tweak_;
    nvs::Cipher cipher_;
};

}  // namespace imprint_identity
