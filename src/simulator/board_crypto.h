// What mbedTLS does on a board for its identity, by OpenSSL.
#pragma once

#include "imprint_identity/identity.h"

namespace imprint::simulator {

[[nodiscard]] imprint_identity::Crypto board_crypto();

}  // namespace imprint::simulator
