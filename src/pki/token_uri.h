// Distinguishes the name of a key in a PKCS#11 token (RFC 7512) from a file's.
#pragma once

#include <string_view>

namespace imprint::pki {

[[nodiscard]] constexpr bool is_token_uri(std::string_view text) {
    return text.starts_with("pkcs11:");
}

}  // namespace imprint::pki
