// Zeros over what must not stay in flash.
#pragma once

#include <cstring>

#include "imprint_identity/flash.h"

namespace imprint_identity {

// Where something else is. False: the flash cannot be read, or does not take it.
inline bool wipe_flash(const Flash& flash, std::uint32_t at, std::size_t size) {
    constexpr std::uint8_t zeros[16] = {};
    if (flash.write == nullptr) return false;
    while (size != 0) {
        std::uint8_t there[sizeof(zeros)];
        const std::size_t step = size < sizeof(zeros) ? size : sizeof(zeros);
        if (!flash.read(flash.context, at, there, step)) return false;
        // What was wiped before a power cut is not written again.
        if (std::memcmp(there, zeros, step) != 0 && !flash.write(flash.context, at, zeros, step))
            return false;
        at += static_cast<std::uint32_t>(step);
        size -= step;
    }
    return true;
}

}  // namespace imprint_identity
