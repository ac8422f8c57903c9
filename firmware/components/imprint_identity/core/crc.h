// The CRC-32 that NVS and esp_secure_cert have: zlib's polynomial, begun with 0xFFFFFFFF as
// crc32_le of the chips' ROM counts it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"

namespace imprint_identity {

class Crc {
  public:
    void add(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const std::uint8_t*>(data);
        for (std::size_t i = 0; i < size; ++i) {
            state_ ^= bytes[i];
            state_ = state_ >> 4 ^ table[state_ & 15];
            state_ = state_ >> 4 ^ table[state_ & 15];
        }
    }

    // False: the flash cannot be read.
    bool add(const Flash& flash, std::uint32_t at, std::uint32_t size) {
        std::uint8_t piece[64];
        while (size != 0) {
            const std::uint32_t step = size < sizeof(piece) ? size : sizeof(piece);
            if (!flash.read(flash.context, at, piece, step)) return false;
            add(piece, step);
            at += step;
            size -= step;
        }
        return true;
    }

    [[nodiscard]] std::uint32_t value() const { return ~state_; }

  private:
    // Of half a byte: a whole byte's table has a kilobyte.
    static constexpr std::uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
                                                0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                                0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                                0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

    std::uint32_t state_ = 0;
};

inline std::uint32_t load16(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0] | at[1] << 8);
}

inline std::uint32_t load32(const std::uint8_t* at) {
    return load16(at) | load16(at + 2) << 16;
}

}  // namespace imprint_identity
