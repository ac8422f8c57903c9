// A key of mbedTLS, and the random numbers that mbedTLS 3 wants for some of what is done with it.
#pragma once

#include "mbedtls/build_info.h"
#include "mbedtls/pk.h"

#if MBEDTLS_VERSION_MAJOR < 4
#include "esp_random.h"
#endif

namespace imprint_identity {

class Key {
  public:
    Key() { mbedtls_pk_init(&native); }

    ~Key() { mbedtls_pk_free(&native); }  // which wipes it

    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    mbedtls_pk_context native;
};

#if MBEDTLS_VERSION_MAJOR < 4

inline int fill_random(void*, unsigned char* into, std::size_t size) {
    esp_fill_random(into, size);
    return 0;
}

#endif

}  // namespace imprint_identity
