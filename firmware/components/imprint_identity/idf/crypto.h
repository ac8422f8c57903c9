// mbedTLS as the core wants it.
#pragma once

#include "imprint_identity/identity.h"
#include "mbedtls/pk.h"

namespace imprint_identity {

Crypto mbedtls_crypto();

// PEM or DER, into what is initialised. False: mbedTLS does not read it.
bool parse_private_key(mbedtls_pk_context& into, const Text& from);

}  // namespace imprint_identity
