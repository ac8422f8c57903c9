// The security eFuses of a simulated chip, and their effect on its flash.
// Source: ESP-IDF docs/en/security/flash-encryption.rst, secure-boot-v2.rst; esptool
// docs/en/advanced-topics/serial-protocol.rst, "Supported in Secure Download Mode".
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/mac.h"

namespace imprint::simulator {

enum class FlashEncryption : std::uint8_t {
    off,
    development,  // the loader still encrypts on request
    release,      // the loader no longer encrypts
};

struct Fuses {
    bool secure_boot = false;
    FlashEncryption flash_encryption = FlashEncryption::off;
    bool secure_download = false;
};

// XTS-AES-128 over units of 128 bytes, with the flash address as tweak and a key of the chip's own
// that cannot be read. (Real chips use another byte order.)
class FlashCipher {
  public:
    explicit FlashCipher(const MacAddress& mac);

    // `at` and the sizes are multiples of 16.
    [[nodiscard]] Bytes encrypt(std::uint32_t at, ByteView plain) const;
    [[nodiscard]] Bytes decrypt(std::uint32_t at, ByteView cipher) const;

  private:
    [[nodiscard]] Bytes run(std::uint32_t at, ByteView data, bool encrypting) const;

    std::array<std::uint8_t, 32> key_{};
};

// An encrypted flash as the CPU sees it: bootloader, partition table, apps and the partitions that
// the table marks are decrypted; the others are unchanged.
[[nodiscard]] Bytes decrypted_view(const FlashCipher& cipher, ByteView flash,
                                   std::uint32_t bootloader_offset);

}  // namespace imprint::simulator
