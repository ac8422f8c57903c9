// As mbedTLS 4.0 declares it: include/mbedtls/x509_csr.h (what is used of it).
#pragma once
#include <stddef.h>

#include "mbedtls/pk.h"

typedef enum { MBEDTLS_MD_NONE = 0, MBEDTLS_MD_SHA256 = 9 } mbedtls_md_type_t;

typedef struct {
    mbedtls_pk_context* key;
    void* subject;
    mbedtls_md_type_t md_alg;
    void* extensions;
} mbedtls_x509write_csr;
#ifdef __cplusplus
extern "C" {
#endif
void mbedtls_x509write_csr_init(mbedtls_x509write_csr* ctx);
int mbedtls_x509write_csr_set_subject_name(mbedtls_x509write_csr* ctx, const char* subject_name);
void mbedtls_x509write_csr_set_key(mbedtls_x509write_csr* ctx, mbedtls_pk_context* key);
void mbedtls_x509write_csr_set_md_alg(mbedtls_x509write_csr* ctx, mbedtls_md_type_t md_alg);
void mbedtls_x509write_csr_free(mbedtls_x509write_csr* ctx);
int mbedtls_x509write_csr_pem(mbedtls_x509write_csr* ctx, unsigned char* buf, size_t size);
#ifdef __cplusplus
}
#endif
