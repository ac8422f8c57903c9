// Guards what is written to disk: a private key gets a file that only its owner can read.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace imprint::image_tool {

// A PEM file with a private key in it, the DER of one (PKCS#1, PKCS#8, SEC 1), or a file named like
// one ("private.pem.key"). Rather one too many than one too few.
[[nodiscard]] bool looks_like_private_key(std::string_view path, ByteView content);

}  // namespace imprint::image_tool
