#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <utility>

#include "pki/certificate.h"
#include "pki/issuing.h"
#include "pki/openssl.h"
#include "pki/request_native.h"

namespace imprint::pki {

struct Authority::State {
    PrivateKey key;
    X509Certificate certificate;
    std::string pem;
};

namespace {

using Asn1String = std::unique_ptr<ASN1_STRING, FreeWith<ASN1_STRING_free>>;
using GeneralName = std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>>;
using AlternativeNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::unexpected<Error> no_name(const std::string& text, const char* what) {
    return fail(ErrorKind::config, "request_invalid",
                fmt::format("\"{}\" is no {} for a server's certificate", text, what));
}

void add_name(GENERAL_NAMES* names, int type, Asn1String value) {
    GeneralName name(GENERAL_NAME_new());
    must(name != nullptr, "memory");
    GENERAL_NAME_set0_value(name.get(), type, value.release());
    must(sk_GENERAL_NAME_push(names, name.get()) > 0, "memory");
    static_cast<void>(name.release());  // the list owns it
}

Result<AlternativeNames> alternative_names(const ServerNames& names) {
    AlternativeNames result(GENERAL_NAMES_new());
    must(result != nullptr, "memory");
    for (const auto& text : names.dns) {
        constexpr std::string_view allowed =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_*";
        if (text.empty() || text.find_first_not_of(allowed) != std::string::npos)
            return no_name(text, "DNS name");
        Asn1String value(ASN1_STRING_type_new(V_ASN1_IA5STRING));
        must(value != nullptr &&
                 ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) == 1,
             "memory");
        add_name(result.get(), GEN_DNS, std::move(value));
    }
    for (const auto& text : names.ip) {
        Asn1String value(a2i_IPADDRESS(text.c_str()));
        if (!value) {
            ERR_clear_error();
            return no_name(text, "IP address");
        }
        add_name(result.get(), GEN_IPADD, std::move(value));
    }
    return result;
}

void add_end_entity_extensions(X509* certificate, X509* issuer, const char* extended_usage) {
    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, issuer, NID_ext_key_usage, extended_usage);
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
}

}  // namespace

Authority::Authority(std::unique_ptr<State> state) : state_(std::move(state)) {}

Authority::Authority(Authority&&) noexcept = default;
Authority& Authority::operator=(Authority&&) noexcept = default;
Authority::~Authority() = default;

const std::string& Authority::certificate_pem() const {
    return state_->pem;
}

Secret Authority::key_pem() const {
    return state_->key.to_pem();
}

Result<Authority> Authority::create(std::string_view common_name, KeyKind kind,
                                    std::chrono::days validity, WallTime now) {
    IMPRINT_TRY(PrivateKey key, PrivateKey::generate(kind));
    X509Certificate certificate = blank_certificate(validity, now);
    EVP_PKEY* native = key.native().key.get();
    set_common_name(X509_get_subject_name(certificate.get()), common_name);
    must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1 &&
             X509_set_pubkey(certificate.get(), native) == 1,
         "making an authority");
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints,
                  "critical,CA:TRUE,pathlen:0");
    add_extension(certificate.get(), certificate.get(), NID_key_usage,
                  "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    must(X509_sign(certificate.get(), native, EVP_sha256()) > 0, "signing an authority");
    std::string pem = pem_of(certificate.get());
    return Authority(
        std::make_unique<State>(State{std::move(key), std::move(certificate), std::move(pem)}));
}

Result<Authority> Authority::load(std::string_view certificate_pem, const Secret& key_pem) {
    IMPRINT_TRY(PrivateKey key, PrivateKey::from_pem(key_pem));
    X509Certificate certificate = read_certificate(certificate_pem);
    if (!certificate)
        return fail(ErrorKind::config, "certificate_damaged",
                    "the authority's certificate is not readable: " + openssl_reason(),
                    "give an X.509 certificate in PEM");
    if (X509_check_private_key(certificate.get(), key.native().key.get()) != 1)
        return fail(ErrorKind::config, "authority_key",
                    "the authority's key is not the one of its certificate",
                    "give the pair that belongs together");
    if (X509_check_ca(certificate.get()) != 1)
        return fail(ErrorKind::config, "authority_certificate",
                    "the certificate may not issue others (no basicConstraints CA:TRUE)",
                    "give an authority's certificate");
    std::string pem = pem_of(certificate.get());
    return Authority(
        std::make_unique<State>(State{std::move(key), std::move(certificate), std::move(pem)}));
}

Result<std::string> Authority::issue_client(std::string_view request_pem,
                                            std::chrono::days validity, WallTime now) const {
    IMPRINT_TRY(const X509Request request, read_request(request_pem));
    EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
    const X509Certificate certificate = blank_certificate(validity, now);
    X509* issuer = state_->certificate.get();
    must(X509_set_subject_name(certificate.get(), X509_REQ_get_subject_name(request.get())) == 1 &&
             X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1 &&
             X509_set_pubkey(certificate.get(), key) == 1,
         "making a certificate");
    add_end_entity_extensions(certificate.get(), issuer, "clientAuth");
    must(X509_sign(certificate.get(), state_->key.native().key.get(), EVP_sha256()) > 0,
         "signing a certificate");
    return pem_of(certificate.get());
}

Result<std::string> Authority::issue_server(const PrivateKey& key, const ServerNames& names,
                                            std::chrono::days validity, WallTime now) const {
    if (names.dns.empty() && names.ip.empty())
        return fail(ErrorKind::config, "request_invalid",
                    "a server's certificate needs at least one name");
    IMPRINT_TRY(const AlternativeNames alternatives, alternative_names(names));
    const X509Certificate certificate = blank_certificate(validity, now);
    X509* issuer = state_->certificate.get();
    set_common_name(X509_get_subject_name(certificate.get()),
                    names.dns.empty() ? names.ip.front() : names.dns.front());
    must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1 &&
             X509_set_pubkey(certificate.get(), key.native().key.get()) == 1,
         "making a certificate");
    add_end_entity_extensions(certificate.get(), issuer, "serverAuth");
    must(X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, alternatives.get(), 0, 0) == 1,
         "adding a server's names");
    must(X509_sign(certificate.get(), state_->key.native().key.get(), EVP_sha256()) > 0,
         "signing a certificate");
    return pem_of(certificate.get());
}

}  // namespace imprint::pki
