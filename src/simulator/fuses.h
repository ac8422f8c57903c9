// What is burnt into a simulated chip against strangers, and what it does to its flash.
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
    development,  // the loader still encrypts what it is told to
    release,      // it does not any more
};

struct Fuses {
    bool secure_boot = false;
    FlashEncryption flash_encryption = FlashEncryption::off;
    bool secure_download = false;
};

// XTS-AES-128 over units of 128 bytes, the flash address being the tweak, with a key of the chip's
// own that nothing reads out. (Real chips have their own order of bytes.)
class FlashCipher {
  public:
    explicit FlashCipher(const MacAddress& mac);

    // at: a multiple of 16; so are the sizes.
    [[nodiscard]] Bytes encrypt(std::uint32_t at, ByteView plain) const;
    [[nodiscard]] Bytes decrypt(std::uint32_t at, ByteView cipher) const;

  private:
    [[nodiscard]] Bytes run(std::uint32_t at, ByteView data, bool encrypting) const;

    std::array<std::uint8_t, 32> key_{};
};

// What the CPU sees of an encrypted flash: bootloader, partition table, apps, and the partitions
// that the table marks; the others as they are.
[[nodiscard]] Bytes decrypted_view(const FlashCipher& cipher, ByteView flash,
                                   std::uint32_t bootloader_offset);

}  // namespace imprint::simulator
