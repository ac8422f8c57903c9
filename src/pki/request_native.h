// A certificate request as OpenSSL has it, for this layer's own sources.
#pragma once

#include <string_view>

#include "base/error.h"
#include "pki/openssl.h"

namespace imprint::pki {

// Read, and signed by its own key. Error: request_invalid (config).
[[nodiscard]] Result<X509Request> read_request(std::string_view pem);

}  // namespace imprint::pki
