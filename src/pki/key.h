// Keys and certificate requests with OpenSSL 3.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace imprint::pki {

enum class KeyKind { ec_p256, rsa_2048 };
[[nodiscard]] Result<KeyKind> parse_key_kind(std::string_view text);  // "ec-p256", "rsa-2048"
[[nodiscard]] std::string_view to_string(KeyKind kind);

// Why AWS IoT takes no certificate of this public key (PEM): it is neither RSA of at least 2048
// bits nor EC on P-256, P-384 or P-521. Empty: it does. Source: API reference,
// CreateCertificateFromCsr.
[[nodiscard]] std::string key_fault(std::string_view public_pem);

// A private key in memory; OpenSSL wipes it when it is freed.
class PrivateKey {
  public:
    [[nodiscard]] static Result<PrivateKey> generate(KeyKind kind);
    [[nodiscard]] static Result<PrivateKey> from_pem(const Secret& pem);
    PrivateKey(PrivateKey&&) noexcept;
    PrivateKey& operator=(PrivateKey&&) noexcept;
    ~PrivateKey();

    // In the format that mbedTLS on the device reads: EC as SEC1 ("BEGIN EC PRIVATE KEY"), RSA as
    // PKCS#1.
    [[nodiscard]] Secret to_pem() const;
    [[nodiscard]] std::string public_pem() const;
    // PKCS#10 in PEM, signed with SHA-256; subject "CN=<common_name>", truncated to 64 characters.
    [[nodiscard]] std::string request(std::string_view common_name) const;

    struct Native;  // EVP_PKEY, for pki's own sources

    [[nodiscard]] const Native& native() const { return *native_; }

  private:
    explicit PrivateKey(std::unique_ptr<Native> native);
    std::unique_ptr<Native> native_;
};

}  // namespace imprint::pki
