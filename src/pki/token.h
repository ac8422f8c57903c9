// A private key in a PKCS#11 token (an HSM, SoftHSM): it signs there and never enters this process.
// Named by a URI of RFC 7512:
//   pkcs11:token=factory;object=device-ca?module-path=/usr/lib/softhsm/libsofthsm2.so
//         &pin-source=file:/etc/imprint/ca-pin
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "pki/openssl.h"
#include "pki/token_uri.h"

namespace imprint::pki {

// Stays logged in to the token while it exists. OpenSSL signs with native(); one thread at a time.
class TokenKey {
  public:
    // Errors (config): token_uri (with the part that cannot be used), token_module, token_missing,
    // token_pin, token_key_missing. A pin-value in the URI is rejected: a PIN is a secret.
    [[nodiscard]] static Result<TokenKey> open(const std::string& uri);
    TokenKey(TokenKey&&) noexcept;
    TokenKey& operator=(TokenKey&&) noexcept;
    ~TokenKey();

    [[nodiscard]] EVP_PKEY* native() const;

  private:
    struct State;
    explicit TokenKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::pki
