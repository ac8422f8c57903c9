// ESP-IDF 5 has mbedTLS 3, whose keys are made by its own functions and random numbers; ESP-IDF 6
// has mbedTLS 4, where PSA makes them.
#include "request.h"

#include <cstdio>
#include <cstring>

#include "key_context.h"
#include "mbedtls/build_info.h"
#include "mbedtls/x509_csr.h"

#if MBEDTLS_VERSION_MAJOR >= 4
#include "psa/crypto.h"
#else
#include "mbedtls/base64.h"
#include "mbedtls/ecp.h"
#endif

namespace imprint_identity {

namespace {

constexpr std::size_t pem_room = 1024;  // of a P-256 key, and of a request for it

unsigned char* bytes_of(Text& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

class Request {
  public:
    Request() { mbedtls_x509write_csr_init(&native); }

    ~Request() { mbedtls_x509write_csr_free(&native); }

    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    mbedtls_x509write_csr native;
};

#if MBEDTLS_VERSION_MAJOR >= 4

bool make_key(Key& into) {
    if (psa_crypto_init() != PSA_SUCCESS) return false;
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    mbedtls_svc_key_id_t id = MBEDTLS_SVC_KEY_ID_INIT;
    if (psa_generate_key(&attributes, &id) != PSA_SUCCESS) return false;
    const bool copied = mbedtls_pk_copy_from_psa(id, &into.native) == 0;
    (void)psa_destroy_key(id);
    return copied;
}

bool write_request(Request& request, unsigned char* into, std::size_t room) {
    return mbedtls_x509write_csr_pem(&request.native, into, room) == 0;
}

bool write_key(Key& key, Text& into) {
    return mbedtls_pk_write_key_pem(&key.native, bytes_of(into), into.size()) == 0;
}

#else

constexpr std::size_t der_room = 256;    // of a P-256 key
constexpr std::size_t coded_room = 384;  // of as much in Base64
constexpr std::size_t line_length = 64;  // of PEM (RFC 7468)

bool make_key(Key& into) {
    return mbedtls_pk_setup(&into.native, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
           mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(into.native), fill_random,
                               nullptr) == 0;
}

bool write_request(Request& request, unsigned char* into, std::size_t room) {
    return mbedtls_x509write_csr_pem(&request.native, into, room, fill_random, nullptr) == 0;
}

// As PEM. mbedtls_pk_write_key_pem of ESP-IDF 5.1 has room for an RSA key on the stack, 5.6 KB, and
// leaves the key there; its mbedtls_pem_write_buffer leaves it on the heap.
bool write_key(Key& key, Text& into) {
    Text der(der_room);
    Text coded(coded_room);
    if (der.empty() || coded.empty()) return false;
    const int size = mbedtls_pk_write_key_der(&key.native, bytes_of(der), der.size());
    if (size <= 0) return false;
    // It is written to the end of its room.
    const unsigned char* const from = bytes_of(der) + der.size() - size;
    std::size_t length = 0;
    if (mbedtls_base64_encode(bytes_of(coded), coded.size(), &length, from,
                              static_cast<std::size_t>(size)) != 0)
        return false;
    int at = std::snprintf(into.data(), into.size(), "-----BEGIN EC PRIVATE KEY-----\n");
    for (std::size_t done = 0; done < length; done += line_length)
        at += std::snprintf(into.data() + at, into.size() - at, "%.*s\n",
                            static_cast<int>(line_length), coded.c_str() + done);
    at += std::snprintf(into.data() + at, into.size() - at, "-----END EC PRIVATE KEY-----\n");
    return true;
}

#endif

// Without the zeros behind it.
Text fitted(const Text& text) {
    return {text.c_str(), std::strlen(text.c_str())};
}

}  // namespace

bool make_request(const char* common_name, Text& private_key, Text& request) {
    Text key_pem(pem_room);
    Text request_pem(pem_room);
    // X.520 allows 64 characters; the name of a thing has none that a subject's text would need to
    // escape.
    char subject[3 + 64 + 1];
    (void)std::snprintf(subject, sizeof(subject), "CN=%s", common_name);
    Key key;
    Request written;
    if (key_pem.empty() || request_pem.empty() || !make_key(key)) return false;
    mbedtls_x509write_csr_set_key(&written.native, &key.native);
    mbedtls_x509write_csr_set_md_alg(&written.native, MBEDTLS_MD_SHA256);
    if (mbedtls_x509write_csr_set_subject_name(&written.native, subject) != 0 ||
        !write_request(written, bytes_of(request_pem), request_pem.size()) ||
        !write_key(key, key_pem))
        return false;
    private_key = fitted(key_pem);
    request = fitted(request_pem);
    return !private_key.empty() && !request.empty();
}

}  // namespace imprint_identity
