// A certificate request that somebody else made: a device, for a key that never leaves it.
// Format: PKCS #10 (RFC 2986), in PEM.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::pki {

struct RequestInfo {
    std::string pem;          // encoded anew: only the request, no other text
    std::string common_name;  // of its subject; empty: none
    std::string public_pem;
    std::string public_key_sha256;  // as in CertificateFacts
};

// Error: request_invalid (config): it cannot be read, its own key has not signed it, AWS IoT
// takes no key of that kind, or its subject has two common names.
[[nodiscard]] Result<RequestInfo> inspect_request(std::string_view pem);

}  // namespace imprint::pki
