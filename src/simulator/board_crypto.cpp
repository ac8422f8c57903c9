#include "simulator/board_crypto.h"

#include <algorithm>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/digest.h"

namespace imprint::simulator {

namespace {

using imprint_identity::Crypto;
using imprint_identity::is_der;
using imprint_identity::PemKind;

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

bool hash(const void* data, std::size_t size, Crypto::Digest& into) {
    const auto digest = sha256(ByteView(static_cast<const std::uint8_t*>(data), size));
    std::ranges::copy(digest, std::begin(into));
    return true;
}

Crypto::Match match(const char* certificate, std::size_t certificate_size, const char* key,
                    std::size_t key_size, Crypto::Digest& public_key) {
    using Match = Crypto::Match;
    const Bio certificate_text(BIO_new_mem_buf(certificate, static_cast<int>(certificate_size)));
    const Certificate read(
        is_der(certificate, certificate_size, PemKind::certificate)
            ? d2i_X509_bio(certificate_text.get(), nullptr)
            : PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
    const Bio key_text(BIO_new_mem_buf(key, static_cast<int>(key_size)));
    const Key private_key(is_der(key, key_size, PemKind::private_key)
                              ? d2i_PrivateKey_bio(key_text.get(), nullptr)
                              : PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    unsigned char* der = nullptr;
    const int size = read ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(read.get()), &der) : -1;
    const std::unique_ptr<unsigned char, decltype([](void* memory) { OPENSSL_free(memory); })> held(
        der);
    const bool matches =
        size > 0 && private_key && X509_check_private_key(read.get(), private_key.get()) == 1;
    ERR_clear_error();
    if (size <= 0) return Match::bad_certificate;
    hash(der, static_cast<std::size_t>(size), public_key);
    if (!private_key) return Match::bad_key;
    return matches ? Match::yes : Match::no;
}

}  // namespace

Crypto board_crypto() {
    Crypto crypto;
    crypto.sha256 = hash;
    crypto.match = match;
    return crypto;
}

}  // namespace imprint::simulator
