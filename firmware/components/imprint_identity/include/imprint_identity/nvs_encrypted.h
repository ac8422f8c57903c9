// The entries of an encrypted NVS partition, in clear, for the reader of plain ones.
//
// Format: ESP-IDF components/nvs_flash/src/nvs_encrypted_partition.cpp: each entry of 32 bytes is a
// unit of AES-256 in XTS mode (IEEE 1619), whose number is its place in the partition. Headers of
// pages and states of entries are as in plain ones.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"

namespace imprint_identity {
namespace nvs {

// AES-256 on one block, with each of the partition's two keys. False: the crypto library failed.
struct Cipher {
    using Block = std::uint8_t[16];

    bool (*decrypt)(void* context, Block& block) = nullptr;        // nvs_sec_cfg_t.eky
    bool (*encrypt_tweak)(void* context, Block& block) = nullptr;  // nvs_sec_cfg_t.tky
    void* context = nullptr;
};

enum class Entries : std::uint8_t {
    none,
    in_clear,      // one is found whose CRC is right
    not_in_clear,  // there are some, and none is
    unreadable
};

// What the entries of a partition look like. size: its bytes.
Entries look_at_entries(const Flash& flash, std::uint32_t size);

class Encrypted {
  public:
    Encrypted(const Flash& flash, const Cipher& cipher) : flash_(flash), cipher_(cipher) {}

    // Zeros are written as they are, as NVS does over what it erases. It outlives the flash.
    Flash in_clear();

  private:
    bool read(std::uint32_t at, std::uint8_t* into, std::size_t size);

    Flash flash_;
    Cipher cipher_;
};

}  // namespace nvs
}  // namespace imprint_identity
