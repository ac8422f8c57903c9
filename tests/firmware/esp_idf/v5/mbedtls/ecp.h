// As mbedTLS 3.6 declares it: include/mbedtls/ecp.h (what is used of it).
#pragma once
#include <stddef.h>

#include "mbedtls/pk.h"

typedef enum { MBEDTLS_ECP_DP_NONE = 0, MBEDTLS_ECP_DP_SECP256R1 = 3 } mbedtls_ecp_group_id;
#ifdef __cplusplus
extern "C" {
#endif
int mbedtls_ecp_gen_key(mbedtls_ecp_group_id grp_id, mbedtls_ecp_keypair* key,
                        int (*f_rng)(void*, unsigned char*, size_t), void* p_rng);
#ifdef __cplusplus
}
#endif
