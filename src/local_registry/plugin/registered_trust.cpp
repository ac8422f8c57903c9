#include "local_registry/plugin/registered_trust.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/digest.h"

namespace imprint::local_registry {

namespace {

struct FreeX509 {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

using Bio = std::unique_ptr<BIO, FreeBio>;

bool is_within_dates(const X509* certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

}  // namespace

std::string certificate_id_of(const void* x509) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(static_cast<const X509*>(x509), &der);
    if (size <= 0) return {};
    const std::string id = to_hex(sha256({der, static_cast<std::size_t>(size)}));
    OPENSSL_free(der);
    return id;
}

std::string pem_of(const void* x509) {
    const Bio bio(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!bio || PEM_write_bio_X509(bio.get(), static_cast<const X509*>(x509)) != 1) return {};
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

bool is_signed_by(const void* x509, const std::string& authority_pem) {
    const Bio bio(BIO_new_mem_buf(authority_pem.data(), static_cast<int>(authority_pem.size())));
    const std::unique_ptr<X509, FreeX509> authority(
        bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    // OpenSSL's functions lack the const that they keep.
    auto* certificate = static_cast<X509*>(const_cast<void*>(x509));
    return authority && is_within_dates(authority.get()) &&
           X509_check_issued(authority.get(), certificate) == X509_V_OK &&
           X509_verify(certificate, X509_get0_pubkey(authority.get())) == 1;
}

class RegisteredTrust::Hook {
  public:
    explicit Hook(std::function<bool(const void*)> is_known) : is_known_(std::move(is_known)) {
        // OpenSSL calls new_context for each SSL_CTX that is made from here on
        // (CRYPTO_get_ex_new_index(3)): the only way to a context that Mosquitto keeps to itself.
        index_ = SSL_CTX_get_ex_new_index(0, this, new_context, nullptr, nullptr);
    }

    ~Hook() { CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL_CTX, index_); }

    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;
    Hook(Hook&&) = delete;
    Hook& operator=(Hook&&) = delete;

  private:
    static void new_context(void* context, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                            long /*number*/, void* hook) {
        SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(context), verify, hook);
    }

    // Known and within its dates, or signed by the CA as usual. Whether a certificate is registered
    // and ACTIVE and whose it is comes later, at MQTT's CONNECT, with a reason logged.
    static int verify(X509_STORE_CTX* chain, void* hook) {
        const X509* certificate = X509_STORE_CTX_get0_cert(chain);
        if (certificate != nullptr && is_within_dates(certificate) &&
            static_cast<Hook*>(hook)->is_known_(certificate)) {
            X509_STORE_CTX_set_error(chain, X509_V_OK);
            return 1;
        }
        return X509_verify_cert(chain);
    }

    std::function<bool(const void*)> is_known_;
    int index_ = -1;
};

RegisteredTrust::RegisteredTrust(std::function<bool(const void*)> is_known)
    : hook_(std::make_unique<Hook>(std::move(is_known))) {}

RegisteredTrust::~RegisteredTrust() = default;

}  // namespace imprint::local_registry
