#include "pki/certificate.h"

#include <arpa/inet.h>
#include <array>
#include <memory>
#include <netinet/in.h>
#include <openssl/err.h>

#include "base/digest.h"
#include "pki/issuing.h"
#include "pki/openssl.h"

namespace imprint::pki {

namespace {

std::unexpected<Error> damaged(const std::string& why) {
    return fail(ErrorKind::config, "certificate_damaged", "the certificate is not readable: " + why,
                "give an X.509 certificate in PEM");
}

std::string text_of_name(const X509_NAME* name) {
    const Bio bio = plain_bio();
    must(X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0,
         "writing a name");
    return text_of(bio.get());
}

}  // namespace

Result<CertificateInfo> inspect_certificate(std::string_view pem) {
    const X509Certificate certificate = read_certificate(pem);
    EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
    if (key == nullptr) return damaged(openssl_reason());
    CertificateInfo info;
    info.pem = pem_of(certificate.get());
    Sha256 digest{};
    must(X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) == 1,
         "the digest of a certificate");
    info.id = to_hex(digest);
    std::array<char, 256> name{};
    const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()),
                                                 NID_commonName, name.data(), name.size());
    if (length > 0) info.subject_common_name.assign(name.data(), static_cast<std::size_t>(length));
    info.subject = text_of_name(X509_get_subject_name(certificate.get()));
    info.issuer = text_of_name(X509_get_issuer_name(certificate.get()));
    info.authority = X509_check_ca(certificate.get()) == 1;
    info.public_pem = public_pem_of(key);
    const auto not_before = wall_time_of(X509_get0_notBefore(certificate.get()));
    const auto not_after = wall_time_of(X509_get0_notAfter(certificate.get()));
    if (!not_before || !not_after) return damaged("its validity is not a time");
    info.not_before = *not_before;
    info.not_after = *not_after;
    return info;
}

Result<ServerNames> read_server_names(std::string_view pem) {
    const X509Certificate certificate = read_certificate(pem);
    if (!certificate) return damaged(openssl_reason());
    const std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>> all(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
    ServerNames names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        const bool dns = name->type == GEN_DNS;
        if (!dns && name->type != GEN_IPADD) continue;
        const ASN1_STRING* value = dns ? name->d.dNSName : name->d.iPAddress;
        const ByteView bytes(ASN1_STRING_get0_data(value),
                             static_cast<std::size_t>(ASN1_STRING_length(value)));
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (dns)
            names.dns.emplace_back(as_text(bytes));
        else if ((bytes.size() == 4 || bytes.size() == 16) &&
                 ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(),
                             text.size()) != nullptr)
            names.ip.emplace_back(text.data());
    }
    ERR_clear_error();
    return names;
}

Result<bool> is_issued_by(std::string_view certificate_pem, std::string_view issuer_pem) {
    const X509Certificate certificate = read_certificate(certificate_pem);
    const X509Certificate issuer = read_certificate(issuer_pem);
    EVP_PKEY* key = issuer ? X509_get0_pubkey(issuer.get()) : nullptr;
    if (!certificate || key == nullptr) return damaged(openssl_reason());
    const bool issued = X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK &&
                        X509_verify(certificate.get(), key) == 1;
    ERR_clear_error();  // a signature that is another's is an answer, not a failure
    return issued;
}

}  // namespace imprint::pki
