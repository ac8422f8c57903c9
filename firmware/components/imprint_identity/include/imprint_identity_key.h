// The private key as mbedTLS works with it, for firmware that sets TLS up by itself
// (mbedtls_ssl_conf_own_cert) or signs: no text of it stays in memory.
#pragma once

#include "imprint_identity.h"
#include "mbedtls/pk.h"

#ifdef __cplusplus
extern "C" {
#endif

// Loads and checks the whole identity in force as imprint_identity_load() does, and keeps the key
// alone. key: after mbedtls_pk_init(); mbedtls_pk_free() wipes it. With mbedTLS 3.6 and later,
// mbedtls_pk_import_into_psa() makes a PSA key of it.
//
// Errors: those of imprint_identity_load(). Then there is nothing in key.
esp_err_t imprint_identity_load_key(const imprint_identity_config_t* config,
                                    mbedtls_pk_context* key);

#ifdef __cplusplus
}
#endif
