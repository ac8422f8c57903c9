#include "broker_trust.h"

#include <atomic>
#include <cstdint>
#include <cstring>

#include "mbedtls/ssl.h"
#include "mbedtls/x509_crt.h"

namespace broker_trust {

namespace {

// The hook has no argument of its user's.
mbedtls_x509_crt roots;
std::atomic<std::uint32_t> found{0};

// For each certificate of the chain, the root first.
int note(void*, mbedtls_x509_crt*, int, std::uint32_t* flags) {
    found |= *flags;
    return 0;  // mbedTLS decides
}

}  // namespace

esp_err_t set_roots(const char* pem) {
    mbedtls_x509_crt_free(&roots);
    mbedtls_x509_crt_init(&roots);
    return mbedtls_x509_crt_parse(&roots, reinterpret_cast<const unsigned char*>(pem),
                                  std::strlen(pem) + 1) == 0
               ? ESP_OK
               : ESP_ERR_INVALID_RESPONSE;
}

esp_err_t attach(void* conf) {
    auto* const config = static_cast<mbedtls_ssl_config*>(conf);
    found = 0;
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(config, &roots, nullptr);
    mbedtls_ssl_conf_verify(config, note, nullptr);
    return ESP_OK;
}

int flags() {
    return static_cast<int>(found.load());
}

}  // namespace broker_trust
