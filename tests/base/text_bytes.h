// A text as the bytes of a file.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace imprint {

inline Bytes bytes_of(std::string_view text) {
    const ByteView bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

}  // namespace imprint
