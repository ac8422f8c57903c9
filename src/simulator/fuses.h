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

// Three bits: an odd number of ones is encryption; all of them cannot be taken back.
[[nodiscard]] std::uint8_t crypt_count(const Fuses& fuses);

// Of the first two key blocks, as the chips number them: XTS_AES_128_KEY, SECURE_BOOT_DIGEST0.
[[nodiscard]] std::array<std::uint8_t, 2> key_purposes(const Fuses& fuses);

// XTS-AES-128 over units of 128 bytes, with the flash address as tweak and a key of the chip's own
// that cannot be read. (Real chips use another byte order.)
class FlashCipher {
  public:
    explicit FlashCipher(const MacAddress& mac);
    // Of a chip whose key was never burnt: all zeros. On the ESP32, with nothing of the address in
    // it, AES-256 backwards, block by block in the reverse order of its bytes (ESP-IDF
    // docs/en/security/flash-encryption.rst, "Flash Encryption Algorithm").
    [[nodiscard]] static FlashCipher blank(bool esp32);

    // `at` and the sizes are multiples of 16.
    [[nodiscard]] Bytes encrypt(std::uint32_t at, ByteView plain) const;
    [[nodiscard]] Bytes decrypt(std::uint32_t at, ByteView cipher) const;

  private:
    FlashCipher() = default;
    [[nodiscard]] Bytes run(std::uint32_t at, ByteView data, bool encrypting) const;
    [[nodiscard]] Bytes run_esp32(ByteView data, bool encrypting) const;

    std::array<std::uint8_t, 32> key_{};
    bool esp32_ = false;
};

// An encrypted flash as the CPU sees it: bootloader, partition table, apps and the partitions that
// the table marks are decrypted; the others are unchanged.
[[nodiscard]] Bytes decrypted_view(const FlashCipher& cipher, ByteView flash,
                                   std::uint32_t bootloader_offset);

}  // namespace imprint::simulator
