// The keys of an encrypted NVS partition, and what is done with them. Source: ESP-IDF
// components/nvs_flash/src/nvs_encrypted_partition.cpp, nvs_sec_provider;
// esp-idf-nvs-partition-gen.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::image::nvs {

class Keys {
  public:
    // The content of a partition of keys: 64 bytes, their CRC, FF; or the 64 bytes alone.
    // Error: nvs_keys (config).
    [[nodiscard]] static Result<Keys> parse(const Secret& file);
    // Those that a chip makes of the key in its eFuses, of 32 bytes
    // (CONFIG_NVS_SEC_KEY_PROTECT_USING_HMAC). Error: nvs_keys (config).
    [[nodiscard]] static Result<Keys> of_hmac_key(const Secret& key);
    [[nodiscard]] static Keys random();

    [[nodiscard]] const Secret& bytes() const { return bytes_; }

    // Of 4096 bytes.
    [[nodiscard]] Secret partition() const;

  private:
    explicit Keys(Secret bytes) : bytes_(std::move(bytes)) {}

    Secret bytes_;
};

inline constexpr std::size_t hmac_key_size = 32;

// In place, each entry that is marked as written; page headers stay as they are.
void encrypt(std::span<std::uint8_t> image, const Keys& keys);

// In place, each entry that is neither FF nor 00 throughout. Errors (config): nvs_size; nvs_keys:
// by these keys no entry can be read.
[[nodiscard]] Result<void> decrypt(std::span<std::uint8_t> image, const Keys& keys);

}  // namespace imprint::image::nvs
