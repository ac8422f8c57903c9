// A partition as the core gets at it: the chip's flash, or an image in memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace imprint_identity {

struct Flash {
    bool (*read)(void* context, std::uint32_t at, void* into, std::size_t size) = nullptr;
    void* context = nullptr;
    // For wiping alone: bits that become 0, without an erase.
    bool (*write)(void* context, std::uint32_t at, const void* from, std::size_t size) = nullptr;
};

}  // namespace imprint_identity
