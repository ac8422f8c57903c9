// A private key that lives in a PKCS#11 token (an HSM, SoftHSM): it signs there and never comes
// into this process. Named by a URI of RFC 7512:
//   pkcs11:token=factory;object=device-ca?module-path=/usr/lib/softhsm/libsofthsm2.so
//         &pin-source=file:/etc/imprint/ca-pin
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "pki/openssl.h"
#include "pki/token_uri.h"

namespace imprint::pki {

// Logged in to the token for as long as it lives. OpenSSL signs with native(); one thread at a
// time.
class TokenKey {
  public:
    // Errors (config): token_uri (what of it cannot be used), token_module, token_missing,
    // token_pin, token_key_missing. A pin-value in the URI is refused: a PIN is a secret.
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
