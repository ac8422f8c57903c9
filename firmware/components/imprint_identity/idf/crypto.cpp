// ESP-IDF 5 has mbedTLS 3, and ESP-IDF 6 has mbedTLS 4, whose hashes are PSA's and whose keys need
// no generator of random numbers to be named.
#include "crypto.h"

#include "key_context.h"
#include "mbedtls/build_info.h"
#include "mbedtls/x509_crt.h"

#if MBEDTLS_VERSION_MAJOR >= 4
#include "psa/crypto.h"
#else
#include "mbedtls/sha256.h"
#endif

namespace imprint_identity {

namespace {

#if MBEDTLS_VERSION_MAJOR >= 4

bool sha256(const void* data, std::size_t size, Crypto::Digest& into) {
    std::size_t length = 0;
    return psa_crypto_init() == PSA_SUCCESS &&
           psa_hash_compute(PSA_ALG_SHA_256, static_cast<const std::uint8_t*>(data), size, into,
                            sizeof(into), &length) == PSA_SUCCESS;
}

int parse_key(mbedtls_pk_context& into, const unsigned char* text, std::size_t size) {
    return mbedtls_pk_parse_key(&into, text, size, nullptr, 0);
}

int check_pair(const mbedtls_pk_context& public_key, const mbedtls_pk_context& private_key) {
    return mbedtls_pk_check_pair(&public_key, &private_key);
}

#else

bool sha256(const void* data, std::size_t size, Crypto::Digest& into) {
    return mbedtls_sha256(static_cast<const unsigned char*>(data), size, into, 0) == 0;
}

int parse_key(mbedtls_pk_context& into, const unsigned char* text, std::size_t size) {
    return mbedtls_pk_parse_key(&into, text, size, nullptr, 0, fill_random, nullptr);
}

int check_pair(const mbedtls_pk_context& public_key, const mbedtls_pk_context& private_key) {
    return mbedtls_pk_check_pair(&public_key, &private_key, fill_random, nullptr);
}

#endif

const unsigned char* bytes_of(const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
}

// mbedTLS counts the ending NUL of a PEM text, and wants no byte behind DER.
std::size_t counted(const char* text, std::size_t size, PemKind kind) {
    return is_der(text, size, kind) ? size : size + 1;
}

class Certificate {
  public:
    Certificate() { mbedtls_x509_crt_init(&native); }

    ~Certificate() { mbedtls_x509_crt_free(&native); }

    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    mbedtls_x509_crt native;
};

Crypto::Match match(const char* certificate, std::size_t certificate_size, const char* key,
                    std::size_t key_size, Crypto::Digest& public_key) {
    Certificate read;
    if (mbedtls_x509_crt_parse(&read.native, bytes_of(certificate),
                               counted(certificate, certificate_size, PemKind::certificate)) != 0 ||
        !sha256(read.native.pk_raw.p, read.native.pk_raw.len, public_key))
        return Crypto::Match::bad_certificate;
    Key private_key;
    if (parse_key(private_key.native, bytes_of(key),
                  counted(key, key_size, PemKind::private_key)) != 0)
        return Crypto::Match::bad_key;
    return check_pair(read.native.pk, private_key.native) == 0 ? Crypto::Match::yes
                                                               : Crypto::Match::no;
}

}  // namespace

bool parse_private_key(mbedtls_pk_context& into, const Text& from) {
    return parse_key(into, bytes_of(from.c_str()),
                     counted(from.c_str(), from.size(), PemKind::private_key)) == 0;
}

Crypto mbedtls_crypto() {
    Crypto crypto;
    crypto.sha256 = sha256;
    crypto.match = match;
    return crypto;
}

}  // namespace imprint_identity
