#include "pki/request.h"

#include <array>
#include <openssl/pem.h>

#include "base/digest.h"
#include "pki/request_native.h"

namespace imprint::pki {

Result<X509Request> read_request(std::string_view pem) {
    const Bio bio = read_only_bio(pem);
    X509Request request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    if (key == nullptr)
        return fail(ErrorKind::config, "request_invalid",
                    "the certificate request is not readable: " + openssl_reason(),
                    "give a PKCS#10 request in PEM");
    if (X509_REQ_verify(request.get(), key) != 1)
        return fail(ErrorKind::config, "request_invalid",
                    "the certificate request is not signed by its own key: " + openssl_reason(),
                    "make the request again");
    return request;
}

namespace {

bool has_second_common_name(X509_REQ* request) {
    const X509_NAME* subject = X509_REQ_get_subject_name(request);
    const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return first >= 0 && X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0;
}

std::string common_name_of(X509_REQ* request) {
    std::array<char, 129> name{};
    const int length = X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request), NID_commonName,
                                                 name.data(), static_cast<int>(name.size()));
    return length > 0 ? std::string(name.data(), static_cast<std::size_t>(length)) : std::string();
}

std::string public_key_sha256_of(X509_REQ* request) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
    must(size > 0, "encoding a public key");
    const std::unique_ptr<unsigned char, decltype([](void* memory) { OPENSSL_free(memory); })> held(
        der);
    return to_hex(sha256(ByteView(der, static_cast<std::size_t>(size))));
}

}  // namespace

Result<RequestInfo> inspect_request(std::string_view pem) {
    IMPRINT_TRY(const X509Request request, read_request(pem));
    RequestInfo info;
    info.public_pem = public_pem_of(X509_REQ_get0_pubkey(request.get()));
    if (const std::string fault = key_fault(info.public_pem); !fault.empty())
        return fail(ErrorKind::config, "request_invalid",
                    "the certificate request is for a key that AWS IoT does not take: " + fault,
                    "make the request again");
    // Whoever looks at the certificate later need not look at the same one.
    if (has_second_common_name(request.get()))
        return fail(ErrorKind::config, "request_invalid",
                    "the certificate request has two common names in its subject",
                    "make the request again, with one");
    info.common_name = common_name_of(request.get());
    info.public_key_sha256 = public_key_sha256_of(request.get());
    const Bio bio = plain_bio();
    must(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "writing a request");
    info.pem = text_of(bio.get());
    return info;
}

}  // namespace imprint::pki
