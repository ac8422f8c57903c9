// As TF-PSA-Crypto 1.0, which mbedTLS 4.0 brings: include/mbedtls/pk.h (what is used of it).
#pragma once
#include <stddef.h>

#include "psa/crypto.h"

typedef struct {
    const void* pk_info;
    void* pk_ctx;
} mbedtls_pk_context;
#ifdef __cplusplus
extern "C" {
#endif
void mbedtls_pk_init(mbedtls_pk_context* ctx);
void mbedtls_pk_free(mbedtls_pk_context* ctx);
int mbedtls_pk_parse_key(mbedtls_pk_context* ctx, const unsigned char* key, size_t keylen,
                         const unsigned char* pwd, size_t pwdlen);
int mbedtls_pk_copy_from_psa(mbedtls_svc_key_id_t key_id, mbedtls_pk_context* pk);
int mbedtls_pk_write_key_pem(const mbedtls_pk_context* ctx, unsigned char* buf, size_t size);
int mbedtls_pk_check_pair(const mbedtls_pk_context* pub, const mbedtls_pk_context* prv);
#ifdef __cplusplus
}
#endif
