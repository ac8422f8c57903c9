// As mbedTLS 3.6 declares it: include/mbedtls/base64.h (what is used of it).
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
int mbedtls_base64_encode(unsigned char* dst, size_t dlen, size_t* olen, const unsigned char* src,
                          size_t slen);
#ifdef __cplusplus
}
#endif
