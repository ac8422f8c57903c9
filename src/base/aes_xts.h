// AES-256 in XTS mode (IEEE 1619): what ESP-IDF encrypts the entries of an NVS partition with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/secret.h"

struct evp_cipher_ctx_st;

namespace imprint {

class AesXts256 {
  public:
    static constexpr std::size_t key_size = 64;  // the key of the data, then that of the tweak

    enum class Direction { encrypt, decrypt };

    // The caller has checked that the key has its size and that its halves differ.
    AesXts256(const Secret& key, Direction direction);

    // In place, and at least 16 bytes. The number of the unit is its tweak.
    void apply(std::span<std::uint8_t> unit, std::uint64_t number);

  private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const;
    };

    std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace imprint
