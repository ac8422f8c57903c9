#include "local_registry/plugin/registered_trust.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/digest.h"

namespace imprint::local_registry {

std::string certificate_id_of(const void* x509) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(static_cast<const X509*>(x509), &der);
    if (size <= 0) return {};
    const std::string id = to_hex(sha256({der, static_cast<std::size_t>(size)}));
    OPENSSL_free(der);
    return id;
}

class RegisteredTrust::Hook {
  public:
    explicit Hook(std::function<bool(const std::string&)> is_registered)
        : is_registered_(std::move(is_registered)) {
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

    // Registered and within its dates, or signed by the CA as usual. Whether a registered
    // certificate is ACTIVE and whose it is comes later, at MQTT's CONNECT, with a reason logged.
    static int verify(X509_STORE_CTX* chain, void* hook) {
        const X509* certificate = X509_STORE_CTX_get0_cert(chain);
        if (certificate != nullptr && X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
            X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 &&
            static_cast<Hook*>(hook)->is_registered_(certificate_id_of(certificate))) {
            X509_STORE_CTX_set_error(chain, X509_V_OK);
            return 1;
        }
        return X509_verify_cert(chain);
    }

    std::function<bool(const std::string&)> is_registered_;
    int index_ = -1;
};

RegisteredTrust::RegisteredTrust(std::function<bool(const std::string&)> is_registered)
    : hook_(std::make_unique<Hook>(std::move(is_registered))) {}

RegisteredTrust::~RegisteredTrust() = default;

}  // namespace imprint::local_registry
