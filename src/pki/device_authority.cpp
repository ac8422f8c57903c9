#include "pki/device_authority.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/mutex.h"
#include "pki/certificate_file.h"
#include "pki/issuing.h"
#include "pki/request_native.h"
#include "pki/secret_file.h"
#include "pki/token.h"

namespace imprint::pki {

struct DeviceAuthority::State {
    std::optional<PrivateKey> key;
    std::optional<TokenKey> token;
    Mutex one_at_a_time;  // held while the token signs
    X509Certificate certificate;
    std::string pem;
    WallTime expires;
    // What is the same in each certificate, made once.
    std::vector<X509Extension> extensions;

    [[nodiscard]] EVP_PKEY* signer() const {
        return token ? token->native() : key->native().key.get();
    }

    [[nodiscard]] bool sign_now(X509* issued) const {
        return X509_sign(issued, signer(), EVP_sha256()) > 0;
    }

    [[nodiscard]] bool sign(X509* issued) {
        if (!token) return sign_now(issued);
        const Lock turn(one_at_a_time);
        return sign_now(issued);
    }
};

namespace {

Result<void> check_key(X509* certificate, EVP_PKEY* key, const std::filesystem::path& path) {
    if (EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1) return {};
    ERR_clear_error();
    return fail(ErrorKind::config, "authority_key",
                fmt::format("the authority's key is not the one of {}", path.string()),
                "give the pair that belongs together");
}

Result<void> set_subject(X509* certificate, const Subject& subject) {
    X509_NAME* name = X509_get_subject_name(certificate);
    for (const auto& part : subject) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(part.value.data());
        if (X509_NAME_add_entry_by_txt(name, part.type.c_str(), MBSTRING_UTF8, bytes,
                                       static_cast<int>(part.value.size()), -1, 0) != 1)
            return fail(ErrorKind::config, "subject_invalid",
                        fmt::format("{}={} cannot be in a certificate's subject: {}", part.type,
                                    part.value, openssl_reason()),
                        "correct identity.ca.subject");
    }
    return {};
}

void set_public_key(X509* certificate, EVP_PKEY* key) {
    const auto numbers = p256_of(key);
    if (!numbers) {
        must(X509_set_pubkey(certificate, key) == 1, "setting a certificate's key");
        return;
    }
    // RFC 5480, 2: id-ecPublicKey with the curve's name; OpenSSL takes the point's memory over.
    auto* point =
        static_cast<unsigned char*>(OPENSSL_memdup(numbers->point.data(), numbers->point.size()));
    must(point != nullptr &&
             X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate),
                                    OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                                    OBJ_nid2obj(NID_X9_62_prime256v1), point,
                                    static_cast<int>(numbers->point.size())) == 1,
         "setting a certificate's key");
}

std::string id_of(X509* certificate) {
    Sha256 digest{};
    must(X509_digest(certificate, EVP_sha256(), digest.data(), nullptr) == 1,
         "the digest of a certificate");
    return to_hex(digest);
}

}  // namespace

DeviceAuthority::DeviceAuthority(std::unique_ptr<State> state) : state_(std::move(state)) {}

DeviceAuthority::DeviceAuthority(DeviceAuthority&&) noexcept = default;
DeviceAuthority& DeviceAuthority::operator=(DeviceAuthority&&) noexcept = default;
DeviceAuthority::~DeviceAuthority() = default;

const std::string& DeviceAuthority::certificate_pem() const {
    return state_->pem;
}

WallTime DeviceAuthority::expires() const {
    return state_->expires;
}

Result<DeviceAuthority> DeviceAuthority::open(const std::filesystem::path& certificate,
                                              const std::string& key, WallTime now) {
    auto state = std::make_unique<State>();
    IMPRINT_TRY(auto file, read_authority(certificate, "identity.ca.certificate"));
    IMPRINT_CHECK(check_validity(file, certificate, now));
    state->expires = file.certificates.front().not_after;
    state->certificate = read_certificate(file.pem);
    state->pem = std::move(file.pem);
    if (is_token_uri(key)) {
        IMPRINT_TRY(auto token, TokenKey::open(key));
        state->token.emplace(std::move(token));
    } else {
        IMPRINT_TRY(const Secret pem, read_secret_file(key, "the authority's key"));
        auto opened = PrivateKey::from_pem(pem);
        if (!opened) return with_context(std::move(opened).error(), key);
        state->key.emplace(std::move(*opened));
    }
    IMPRINT_CHECK(check_key(state->certificate.get(), state->signer(), certificate));
    X509* issuer = state->certificate.get();
    const X509Certificate any(X509_new());
    constexpr std::array<std::pair<int, const char*>, 4> fixed = {{
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "clientAuth"},
        {NID_authority_key_identifier, "keyid"},
    }};
    for (const auto& [nid, value] : fixed)
        state->extensions.push_back(make_extension(any.get(), issuer, nid, value));
    return DeviceAuthority(std::move(state));
}

struct DeviceAuthority::PublicKey {
    EVP_PKEY* native;
};

Result<DeviceAuthority::Issued> DeviceAuthority::issue(const PrivateKey& key,
                                                       const Subject& subject,
                                                       std::chrono::days validity,
                                                       WallTime now) const {
    return issue_to({key.native().key.get()}, subject, validity, now);
}

Result<DeviceAuthority::Issued> DeviceAuthority::issue_for(std::string_view request_pem,
                                                           const Subject& subject,
                                                           std::chrono::days validity,
                                                           WallTime now) const {
    IMPRINT_TRY(const X509Request request, read_request(request_pem));
    return issue_to({X509_REQ_get0_pubkey(request.get())}, subject, validity, now);
}

Result<DeviceAuthority::Issued> DeviceAuthority::issue_to(const PublicKey& key,
                                                          const Subject& subject,
                                                          std::chrono::days validity,
                                                          WallTime now) const {
    const X509Certificate certificate = blank_certificate(validity, now);
    if (now + validity > state_->expires)
        set_time(X509_getm_notAfter(certificate.get()), state_->expires);
    IMPRINT_CHECK(set_subject(certificate.get(), subject));
    X509* issuer = state_->certificate.get();
    must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1,
         "making a certificate");
    set_public_key(certificate.get(), key.native);
    for (const auto& extension : state_->extensions)
        must(X509_add_ext(certificate.get(), extension.get(), -1) == 1, "adding an extension");
    add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
    if (!state_->sign(certificate.get()))
        return fail(ErrorKind::config, "authority_signing",
                    fmt::format("the authority's key did not sign: {}", openssl_reason()),
                    state_->token ? "look after the token, and run again" : "");
    return Issued{id_of(certificate.get()), pem_of(certificate.get())};
}

}  // namespace imprint::pki
