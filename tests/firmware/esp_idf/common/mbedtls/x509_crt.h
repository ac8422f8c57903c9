// As mbedTLS 3.6 and 4.0 declare it: include/mbedtls/x509_crt.h (what is used of it).
#pragma once
#include <stddef.h>

#include "mbedtls/pk.h"

typedef struct {
    int tag;
    size_t len;
    unsigned char* p;
} mbedtls_x509_buf;

typedef struct mbedtls_x509_crt {
    mbedtls_x509_buf raw;
    mbedtls_x509_buf pk_raw;
    mbedtls_pk_context pk;
    struct mbedtls_x509_crt* next;
} mbedtls_x509_crt;
#ifdef __cplusplus
extern "C" {
#endif
void mbedtls_x509_crt_init(mbedtls_x509_crt* crt);
void mbedtls_x509_crt_free(mbedtls_x509_crt* crt);
int mbedtls_x509_crt_parse(mbedtls_x509_crt* chain, const unsigned char* buf, size_t buflen);
#ifdef __cplusplus
}
#endif
