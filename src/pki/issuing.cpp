#include "pki/issuing.h"

#include <openssl/pem.h>

namespace imprint::pki {

std::string pem_of(X509* certificate) {
    const Bio bio = plain_bio();
    must(PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
    return text_of(bio.get());
}

namespace {

// RFC 5280, 4.1.2.2: positive, at most 20 octets. 127 random bits never collide.
void set_serial(X509* certificate) {
    const BigNumber serial(BN_new());
    must(serial != nullptr &&
             BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
             BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr,
         "making a serial number");
}

}  // namespace

void set_time(ASN1_TIME* target, WallTime time) {
    must(ASN1_TIME_set(target, std::chrono::system_clock::to_time_t(time)) != nullptr,
         "setting a certificate's time");
}

X509Certificate blank_certificate(std::chrono::days validity, WallTime now) {
    X509Certificate certificate(X509_new());
    must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1,
         "making a certificate");
    set_serial(certificate.get());
    set_time(X509_getm_notBefore(certificate.get()), now - std::chrono::hours(1));
    set_time(X509_getm_notAfter(certificate.get()), now + validity);
    return certificate;
}

X509Extension make_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    must(extension != nullptr, "making an extension");
    return extension;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    const X509Extension extension = make_extension(certificate, issuer, nid, value);
    must(X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

}  // namespace imprint::pki
