// As mbedTLS 3.6 declares it: include/mbedtls/pk.h (what is used of it).
#pragma once
#include <stddef.h>

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
                         const unsigned char* pwd, size_t pwdlen,
                         int (*f_rng)(void*, unsigned char*, size_t), void* p_rng);

typedef enum { MBEDTLS_PK_NONE = 0, MBEDTLS_PK_RSA, MBEDTLS_PK_ECKEY } mbedtls_pk_type_t;
typedef struct mbedtls_pk_info_t mbedtls_pk_info_t;
typedef struct mbedtls_ecp_keypair mbedtls_ecp_keypair;
const mbedtls_pk_info_t* mbedtls_pk_info_from_type(mbedtls_pk_type_t pk_type);
int mbedtls_pk_setup(mbedtls_pk_context* ctx, const mbedtls_pk_info_t* info);

static inline mbedtls_ecp_keypair* mbedtls_pk_ec(const mbedtls_pk_context pk) {
    return (mbedtls_ecp_keypair*)pk.pk_ctx;
}

int mbedtls_pk_write_key_der(const mbedtls_pk_context* ctx, unsigned char* buf, size_t size);
int mbedtls_pk_check_pair(const mbedtls_pk_context* pub, const mbedtls_pk_context* prv,
                          int (*f_rng)(void*, unsigned char*, size_t), void* p_rng);
#ifdef __cplusplus
}
#endif
