// Recognises private keys, so that a file with one is readable only for its owner.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace imprint::image_tool {

// A PEM file with a private key in it, the DER of one (PKCS#1, PKCS#8, SEC 1), or a file with a
// name like that of one ("private.pem.key"). In doubt the answer is yes.
[[nodiscard]] bool looks_like_private_key(std::string_view path, ByteView content);

}  // namespace imprint::image_tool
