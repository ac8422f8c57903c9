// Which CAs this board trusts its broker by, and why the broker's certificate was refused last.
//
// ESP-IDF tells that by itself in 5.1 (esp_tls_cert_verify_flags); 5.5 and 6.0 ask for the peer's
// certificate first (components/esp-tls/esp_tls_mbedtls.c), of which mbedTLS has none while a
// handshake fails, and tell nothing. So mbedTLS is asked here, through the hook that is there for
// certificate bundles.
#pragma once

#include "esp_err.h"

namespace broker_trust {

// PEM, one certificate or more; while there is no connection.
esp_err_t set_roots(const char* pem);

// For esp_mqtt_client_config_t::broker.verification.crt_bundle_attach.
esp_err_t attach(void* conf);

// MBEDTLS_X509_BADCERT_… of the last handshake; 0: nothing was wrong.
int flags();

}  // namespace broker_trust
