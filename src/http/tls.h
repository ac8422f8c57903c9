// A server's certificate and key for TLS 1.2 and 1.3 (RFC 8446), checked and ready to be used.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace imprint::http {

class TlsContext;  // tls_context.h

// chain: the server's certificate, then those of its issuers, in PEM. key: unencrypted PEM.
// At OpenSSL's security level 2 (SSL_CTX_set_security_level(3)): keys of 112 bits, which are RSA of
// 2048 and EC of 224, and signatures with SHA-256, or more. Error: server_certificate (config): one
// cannot be read or is too weak, or they do not belong together; with nothing of the key.
[[nodiscard]] Result<std::shared_ptr<TlsContext>> make_tls_context(std::string_view chain,
                                                                   const Secret& key);

}  // namespace imprint::http
