// RAII wrappers of OpenSSL's objects, for this layer's own sources.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "pki/key.h"

namespace imprint::pki {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using X509Request = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
using X509Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

struct PrivateKey::Native {
    Pkey key;
};

// OpenSSL's reason for its last failure; clears its error queue. Never contains key material.
[[nodiscard]] std::string openssl_reason();
// Throws on a failure that no input can cause (memory, a missing algorithm): a bug or a broken
// machine.
void must(bool worked, const char* what);

[[nodiscard]] Bio read_only_bio(std::string_view text);
[[nodiscard]] Bio plain_bio();
// Its buffer is wiped when it is freed.
[[nodiscard]] Bio secret_bio();
[[nodiscard]] std::string text_of(BIO* bio);
[[nodiscard]] Secret secret_of(BIO* bio);

[[nodiscard]] std::string public_pem_of(EVP_PKEY* key);

// A P-256 key as its numbers. OpenSSL 3's encoders take a third of the time that a whole identity
// takes; the encodings of such a key have a fixed form, and are written here.
struct P256 {
    std::array<std::uint8_t, 65> point{};  // 04, x, y (SEC 1, 2.3.3)
};

// Nothing: another kind of key.
[[nodiscard]] std::optional<P256> p256_of(EVP_PKEY* key);
// X.520 allows 64 characters: a longer name (a thing's may have 128) is truncated. An empty one is
// left out.
void set_common_name(X509_NAME* name, std::string_view text);
[[nodiscard]] X509Certificate read_certificate(std::string_view pem);  // null: unreadable
// Nothing: it is no time.
[[nodiscard]] std::optional<WallTime> wall_time_of(const ASN1_TIME* time);

}  // namespace imprint::pki
