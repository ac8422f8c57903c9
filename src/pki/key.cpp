#include "pki/key.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
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

Secret PrivateKey::to_pem() const {
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

}  // namespace imprint::pki
