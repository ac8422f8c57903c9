// As mbedTLS 3.6 declares it: include/mbedtls/sha256.h (what is used of it).
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C"
#endif
    int
    mbedtls_sha256(const unsigned char* input, size_t ilen, unsigned char* output, int is224);
