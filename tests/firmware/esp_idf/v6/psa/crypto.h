// As the PSA Crypto API 1.1 has it (what is used of it).
#pragma once
#include <stddef.h>
#include <stdint.h>
typedef int32_t psa_status_t;
typedef uint32_t psa_algorithm_t;
#define PSA_SUCCESS ((psa_status_t)0)
#define PSA_ALG_SHA_256 ((psa_algorithm_t)0x02000009)
typedef uint32_t mbedtls_svc_key_id_t;  // as TF-PSA-Crypto has it without an owner's id
#define MBEDTLS_SVC_KEY_ID_INIT ((mbedtls_svc_key_id_t)0)
typedef uint16_t psa_key_type_t;
typedef uint8_t psa_ecc_family_t;
typedef uint32_t psa_key_usage_t;

typedef struct {
    uint32_t members[8];
} psa_key_attributes_t;

#define PSA_KEY_ATTRIBUTES_INIT {{0}}
#define PSA_ECC_FAMILY_SECP_R1 ((psa_ecc_family_t)0x12)
#define PSA_KEY_TYPE_ECC_KEY_PAIR(curve) ((psa_key_type_t)(0x7100 | (curve)))
#define PSA_KEY_USAGE_EXPORT ((psa_key_usage_t)0x00000001)
#define PSA_KEY_USAGE_SIGN_HASH ((psa_key_usage_t)0x00001000)
#define PSA_ALG_ANY_HASH ((psa_algorithm_t)0x020000ff)
#define PSA_ALG_ECDSA(hash_alg) ((psa_algorithm_t)(0x06000600 | ((hash_alg) & 0xff)))
#ifdef __cplusplus
extern "C" {
#endif
psa_status_t psa_crypto_init(void);
void psa_set_key_type(psa_key_attributes_t* attributes, psa_key_type_t type);
void psa_set_key_bits(psa_key_attributes_t* attributes, size_t bits);
void psa_set_key_usage_flags(psa_key_attributes_t* attributes, psa_key_usage_t usage_flags);
void psa_set_key_algorithm(psa_key_attributes_t* attributes, psa_algorithm_t alg);
psa_status_t psa_generate_key(const psa_key_attributes_t* attributes, mbedtls_svc_key_id_t* key);
psa_status_t psa_destroy_key(mbedtls_svc_key_id_t key);
psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t* input, size_t input_length,
                              uint8_t* hash, size_t hash_size, size_t* hash_length);
#ifdef __cplusplus
}
#endif
