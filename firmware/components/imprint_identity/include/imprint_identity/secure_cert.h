// Reads the entries of an esp_secure_cert partition as they lie in flash, and never writes, but to
// wipe a key.
//
// Format: espressif/esp_secure_cert_mgr 2.9.3 (TLV): docs/format.md and
// private_include/esp_secure_cert_tlv_private.h. An entry:
//
//   0    u32  magic                                  (numbers little-endian)
//   4    u8   flags: how a private key is kept; 0: as it is
//   5    3 bytes of 0
//   8    u8   type
//   9    u8   subtype
//   10   u16  length of the data
//   12   the data, and zeros up to a multiple of 16 bytes
//   then u32  CRC-32 over all of that
//
// Entries follow each other up to the first place without the magic. Of two with the same type and
// subtype the first counts (esp_secure_cert_find_tlv). Where esp_secure_cert_mgr ends at an entry
// whose header is damaged, this goes on behind it.
//
// Plain C++17 without exceptions, RTTI or memory of its own: it runs on the chip, and on a computer
// it is what reads images.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"
#include "imprint_identity/identity.h"

namespace imprint_identity {
namespace secure_cert {

constexpr std::uint32_t magic = 0xBA5EBA11;
constexpr std::uint32_t header_size = 12;
constexpr std::uint32_t footer_size = 4;
constexpr std::uint32_t piece = 16;  // what an entry's size is a multiple of
constexpr std::uint32_t flags_at = 4;
constexpr std::uint32_t type_at = 8;
constexpr std::uint32_t subtype_at = 9;
constexpr std::uint32_t length_at = 10;

enum Type : std::uint8_t {
    ca_cert = 0,
    dev_cert = 1,
    priv_key = 2,
    signature = 8,
    integrity = 9,  // SHA-256 of all that stands in front of it; since 2.9.2
    user_data_1 = 51,
    user_data_5 = 55,
};

// "dev_cert"; null: it has none.
const char* type_name(std::uint8_t type);
bool find_type(const char* name, std::uint8_t& into);

// Bytes of an entry with that much data.
constexpr std::uint32_t entry_size(std::uint32_t length) {
    return header_size + (length + piece - 1) / piece * piece + footer_size;
}

struct Entry {
    std::uint32_t at = 0;     // in the partition
    bool has_header = false;  // else only the place is known: something else stands there
    bool is_sound = false;    // it ends in the partition, and its CRC is right
    std::uint8_t flags = 0;
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    std::uint16_t length = 0;
};

class Walk {
  public:
    // size: bytes of the partition.
    Walk(const Flash& flash, std::uint32_t size) : flash_(flash), size_(size) {}

    // False: that was all, or the flash cannot be read.
    bool next(Entry& into);

    [[nodiscard]] bool failed() const { return failed_; }

    // Where the last entry ended.
    [[nodiscard]] std::uint32_t at() const { return at_; }

  private:
    bool look_for_more(std::uint32_t from);
    bool is_whole(const Entry& entry);

    Flash flash_;
    std::uint32_t size_;
    std::uint32_t at_ = 0;
    bool failed_ = false;
};

// The identity's entries by their types' names, and as Imprint writes them: the texts with an
// ending NUL, device.json as user data 1, and a second copy with the subtype 1.
FileNames entry_names();
constexpr std::uint8_t copy_subtype = 1;

class Volume {
  public:
    Volume(const Flash& flash, std::uint32_t size) : flash_(flash), size_(size) {}

    // By the names of types. The volume outlives it.
    FileSource source();

    // As FileSource has them.
    long size(const char* name);
    bool read(const char* name, char* into, std::size_t size);

    // Writes zeros over the data of all entries by that name. False: flash does not do that.
    bool wipe(const char* name);

    // Of the last entry that could not be read: a sentence's end, or empty.
    [[nodiscard]] const char* trouble() const { return trouble_; }

  private:
    enum class Found : std::uint8_t { yes, no, damaged, unreadable };

    Found find(const char* name, Entry& into);

    Flash flash_;
    std::uint32_t size_;
    // What size() has found, for the reading that follows.
    char last_name_[Limits::name] = "";
    Entry last_;
    char trouble_[96] = "";
};

// The identity of a partition: imprint_identity::load, with what the partition itself tells where
// nothing is found in it. name: the partition's, for the console.
Problem load(const Flash& flash, std::uint32_t size, const char* name, const Mac& mac,
             const Crypto& crypto, Identity& into, Problem& mended, Parts wanted = all_parts);

}  // namespace secure_cert
}  // namespace imprint_identity
