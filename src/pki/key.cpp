#include "pki/key.h"

#include <algorithm>
#include <array>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <span>
#include <utility>

#include "pki/openssl.h"

namespace imprint::pki {

Result<KeyKind> parse_key_kind(std::string_view text) {
    if (text == "ec-p256") return KeyKind::ec_p256;
    if (text == "rsa-2048") return KeyKind::rsa_2048;
    return fail(ErrorKind::config, "key_kind", "there is no key kind \"" + std::string(text) + "\"",
                "use ec-p256 or rsa-2048");
}

std::string_view to_string(KeyKind kind) {
    return kind == KeyKind::ec_p256 ? "ec-p256" : "rsa-2048";
}

PrivateKey::PrivateKey(std::unique_ptr<Native> native) : native_(std::move(native)) {}

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::generate(KeyKind kind) {
    Pkey key(kind == KeyKind::ec_p256 ? EVP_EC_gen("P-256")
                                      : EVP_RSA_gen(static_cast<unsigned int>(2048)));
    must(key != nullptr, "making a key");
    return PrivateKey(std::make_unique<Native>(Native{std::move(key)}));
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem) {
    const Bio bio = read_only_bio(pem.reveal_text());
    // A passphrase is never asked for: there is nobody at a terminal.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    Pkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key)
        return fail(ErrorKind::config, "key_damaged",
                    "the private key is not readable: " + openssl_reason(),
                    "give an unencrypted key in PEM");
    return PrivateKey(std::make_unique<Native>(Native{std::move(key)}));
}

namespace {

// SEC 1, appendix C.4: ECPrivateKey with the curve's name (RFC 5480) and the public key; RFC 7468
// for the text around it.
Secret sec1_pem(const P256& numbers, EVP_PKEY* key) {
    constexpr std::array<std::uint8_t, 7> head = {0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20};
    constexpr std::array<std::uint8_t, 17> middle = {0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                                     0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
                                                     0xA1, 0x44, 0x03, 0x42, 0x00};
    constexpr std::size_t scalar_size = 32;
    BIGNUM* number = nullptr;
    must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1, "reading a key");
    const std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>> scalar(number);
    std::array<std::uint8_t, head.size() + scalar_size + middle.size() + 65> der{};
    auto out = std::ranges::copy(head, der.begin()).out;
    must(BN_bn2binpad(scalar.get(), &*out, scalar_size) == scalar_size, "writing a key");
    out = std::ranges::copy(middle, out + scalar_size).out;
    std::ranges::copy(numbers.point, out);
    // Four characters for three bytes, and the end that EVP_EncodeBlock writes.
    std::array<std::uint8_t, (der.size() + 2) / 3 * 4 + 1> text{};
    const auto length = static_cast<std::size_t>(
        EVP_EncodeBlock(text.data(), der.data(), static_cast<int>(der.size())));
    wipe(der);
    constexpr std::string_view begin = "-----BEGIN EC PRIVATE KEY-----\n";
    constexpr std::string_view end = "-----END EC PRIVATE KEY-----\n";
    constexpr std::size_t line = 64;
    std::string pem;
    pem.reserve(begin.size() + length + length / line + 1 + end.size());
    pem += begin;
    for (std::size_t at = 0; at < length; at += line) {
        pem += as_text(std::span(text).subspan(at, std::min(line, length - at)));
        pem += '\n';
    }
    pem += end;
    wipe(text);
    Secret secret{std::string_view(pem)};
    wipe(pem);
    return secret;
}

}  // namespace

Secret PrivateKey::to_pem() const {
    if (const auto numbers = p256_of(native_->key.get()))
        return sec1_pem(*numbers, native_->key.get());
    const Bio bio = secret_bio();
    // The "traditional" form is SEC1 for EC and PKCS#1 for RSA.
    must(PEM_write_bio_PrivateKey_traditional(bio.get(), native_->key.get(), nullptr, nullptr, 0,
                                              nullptr, nullptr) == 1,
         "writing a private key");
    return secret_of(bio.get());
}

std::string PrivateKey::public_pem() const {
    return public_pem_of(native_->key.get());
}

std::string PrivateKey::request(std::string_view common_name) const {
    const X509Request request(X509_REQ_new());
    must(request != nullptr, "memory");
    must(X509_REQ_set_version(request.get(), 0) == 1, "request version");
    set_common_name(X509_REQ_get_subject_name(request.get()), common_name);
    must(X509_REQ_set_pubkey(request.get(), native_->key.get()) == 1, "request key");
    must(X509_REQ_sign(request.get(), native_->key.get(), EVP_sha256()) > 0, "signing a request");
    const Bio bio = plain_bio();
    must(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "writing a request");
    return text_of(bio.get());
}

std::string key_fault(std::string_view public_pem) {
    constexpr int fewest_bits = 2048;
    constexpr std::array<std::string_view, 3> curves{SN_X9_62_prime256v1, SN_secp384r1,
                                                     SN_secp521r1};
    const Bio bio = read_only_bio(public_pem);
    const Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return "the public key is not readable: " + openssl_reason();
    if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
        const int bits = EVP_PKEY_get_bits(key.get());
        if (bits >= fewest_bits) return {};
        return "an RSA key of " + std::to_string(bits) + " bits is too short: 2048 are the least";
    }
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key.get(), name.data(), name.size(), &length) == 1) {
        const std::string_view curve(name.data(), length);
        if (std::ranges::find(curves, curve) != curves.end()) return {};
        return "a key on the curve " + std::string(curve) +
               " is not supported: P-256, P-384 and P-521 are";
    }
    return "only RSA keys and keys on P-256, P-384 and P-521 are supported";
}

}  // namespace imprint::pki
