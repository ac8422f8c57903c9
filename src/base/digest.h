// Digests: MD5 because the chip's loader and the partition table use it, SHA-1 because AWS names
// its cached sign-ins by it, SHA-256 for everything else.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace imprint {

using Md5 = std::array<std::uint8_t, 16>;
using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Md5 md5(ByteView bytes);
[[nodiscard]] Sha1 sha1(ByteView bytes);
[[nodiscard]] Sha256 sha256(ByteView bytes);
[[nodiscard]] Sha256 hmac_sha256(ByteView key, ByteView bytes);

// PBKDF2 over HMAC-SHA-1 (RFC 8018), its first 32 bytes: the pre-shared key of a Wi-Fi network.
[[nodiscard]] std::array<std::uint8_t, 32> pbkdf2_sha1(std::string_view password, ByteView salt,
                                                       unsigned rounds);

// CRC-32 as zlib's crc32(seed, bytes).
[[nodiscard]] std::uint32_t crc32(ByteView bytes, std::uint32_t seed = 0);

}  // namespace imprint
