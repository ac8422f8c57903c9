// mbedTLS as the core wants it.
#pragma once

#include "imprint_identity/identity.h"

namespace imprint_identity {

Crypto mbedtls_crypto();

}  // namespace imprint_identity
