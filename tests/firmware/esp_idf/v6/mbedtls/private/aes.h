// As TF-PSA-Crypto 1.0 declares it: drivers/builtin/include/mbedtls/private/aes.h (what is used of
// it), for those who define MBEDTLS_DECLARE_PRIVATE_IDENTIFIERS.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef MBEDTLS_DECLARE_PRIVATE_IDENTIFIERS
#define MBEDTLS_AES_ENCRYPT 1
#define MBEDTLS_AES_DECRYPT 0

typedef struct mbedtls_aes_context {
    int nr;
    size_t rk_offset;
    uint32_t buf[68];
} mbedtls_aes_context;
#ifdef __cplusplus
extern "C" {
#endif
void mbedtls_aes_init(mbedtls_aes_context* ctx);
void mbedtls_aes_free(mbedtls_aes_context* ctx);
int mbedtls_aes_setkey_enc(mbedtls_aes_context* ctx, const unsigned char* key,
                           unsigned int keybits);
int mbedtls_aes_setkey_dec(mbedtls_aes_context* ctx, const unsigned char* key,
                           unsigned int keybits);
int mbedtls_aes_crypt_ecb(mbedtls_aes_context* ctx, int mode, const unsigned char input[16],
                          unsigned char output[16]);
#ifdef __cplusplus
}
#endif
#endif
