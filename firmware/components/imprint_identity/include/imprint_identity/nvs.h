// Reads the identity out of an NVS partition as it lies in flash, without nvs_flash_init, which
// erases pages and entries that it finds damaged. Never writes, but to wipe a key.
//
// Format: ESP-IDF components/nvs_flash: private_include/nvs_constants.h, src/nvs_page.hpp,
// src/nvs_types.hpp; version 2, where a blob is cut into chunks with an index, and 1. Of two
// entries with the same key the one on the page with the higher sequence number counts.
//
// Plain C++17 without exceptions, RTTI or memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"
#include "imprint_identity/identity.h"

namespace imprint_identity {
namespace nvs {

constexpr std::uint32_t page_size = 4096;

// The four texts are blobs in this namespace, each with its ending NUL, so that what nvs_get_blob
// gives is what mbedTLS takes; the second copy is on pages of its own.
constexpr const char* name_space = "imprint";
constexpr const char* copy_name_space = "imprint_copy";

// "certificate", "private_key", "root_ca", "device.json".
FileNames keys();

class Volume {
  public:
    // size: bytes of the partition.
    Volume(const Flash& flash, std::uint32_t size) : flash_(flash), pages_(size / page_size) {}

    // By their keys; in the second copy's namespace with copy_folder in front. The volume outlives
    // it.
    FileSource source();

    // As FileSource has them.
    long size(const char* name);
    bool read(const char* name, char* into, std::size_t size);

    // Writes zeros over all data by that key, also over what was replaced or erased. False: flash
    // does not do that.
    bool wipe(const char* name);

    // Whether a page has a header as NVS has them, damaged or not; false, too: flash cannot be
    // read.
    bool has_pages();

    // Of the last value that could not be read: a sentence's end, or empty.
    [[nodiscard]] const char* trouble() const { return trouble_; }

  private:
    enum class Found : std::uint8_t { yes, no, unreadable };
    enum class PageState : std::uint8_t { blank, in_use, damaged, foreign };

    struct Item {
        std::uint32_t sequence = 0;  // of its page
        std::uint32_t page = 0;
        std::uint32_t entry = 0;
        std::uint8_t head[32] = {};
    };

    struct Wanted {
        const char* key;
        std::uint8_t space;
        std::uint8_t type;
        std::uint8_t chunk;
    };

    // A value's pieces, and how they are counted.
    struct Value {
        Item item;  // its only piece, or its index
        std::uint8_t space = 0;
        bool is_in_chunks = false;
        std::uint8_t chunks = 1;
        std::uint8_t first_chunk = 0;
        std::uint32_t size = 0;
    };

    struct Page;

    bool open(std::uint32_t number, Page& page, PageState& state);
    bool next(Page& page, Item& item);
    Found find(const Wanted& wanted, Item& into);
    bool look_for_damage(const Wanted& wanted);
    Found find_space(const char* name, const char*& key, std::uint8_t& into);
    Found find_value(const char* name, Value& into);
    Found find_piece(const Value& value, const char* key, unsigned number, Item& into);
    bool read_piece(const Item& item, char*& into, std::size_t& left);
    void note(std::uint32_t page, std::uint32_t entry, const char* what);

    Flash flash_;
    std::uint32_t pages_;
    // What size() has found, for the reading that follows.
    char last_name_[Limits::name] = "";
    Value last_;
    char trouble_[96] = "";
};

// The identity of a partition: imprint_identity::load, with what the partition itself tells where
// nothing is found in it. name: the partition's, for the console.
Problem load(const Flash& flash, std::uint32_t size, const char* name, const Mac& mac,
             const Crypto& crypto, Identity& into, Problem& mended, Parts wanted = all_parts);

}  // namespace nvs
}  // namespace imprint_identity
