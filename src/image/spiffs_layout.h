// The layout of a SPIFFS image, computed from its geometry. Internal to the layer.
// Source: pellepl/spiffs src/spiffs_nucleus.h (the macros SPIFFS_OBJ_LOOKUP_PAGES to
// SPIFFS_DATA_SPAN_IX_FOR_OBJ_IX_SPAN_IX and the page structures).
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "image/spiffs.h"

namespace imprint::image::spiffs {

inline constexpr std::uint16_t id_free = 0xFFFF;  // a lookup entry that is not written yet
inline constexpr std::uint16_t id_deleted = 0;
inline constexpr std::uint16_t id_index_bit = 0x8000;
// 0x7FFF with the index bit would read as a free entry.
inline constexpr std::uint16_t id_last = 0x7FFE;
inline constexpr std::uint32_t size_unwritten = 0xFFFFFFFF;  // an empty file that can still grow
inline constexpr std::uint8_t type_file = 1;

// Flags of a page: a flag is set if its bit is 0.
inline constexpr std::uint8_t flag_used = 0x01;
inline constexpr std::uint8_t flag_final = 0x02;
inline constexpr std::uint8_t flag_index = 0x04;
inline constexpr std::uint8_t flag_index_deleted = 0x40;
inline constexpr std::uint8_t flag_deleted = 0x80;

inline constexpr std::uint32_t data_header = 5;   // id u16, span u16, flags u8
inline constexpr std::uint32_t index_header = 8;  // the same, padded to 4
inline constexpr std::uint32_t size_at = 8;       // in the first index page: u32
inline constexpr std::uint32_t type_at = 12;      // u8
inline constexpr std::uint32_t name_at = 13;

struct Layout {
    explicit Layout(const Geometry& geometry);  // check() has accepted the geometry

    std::uint32_t page_size;
    std::uint32_t block_size;
    std::uint32_t blocks;
    std::uint32_t pages_per_block;
    std::uint32_t lookup_pages;   // at the start of each block
    std::uint32_t usable_pages;   // in each block
    std::uint32_t data_bytes;     // of a file's content in one page
    std::uint32_t table_at;       // in the first index page of a file
    std::uint32_t head_entries;   // of that table
    std::uint32_t index_entries;  // of the table in each further index page
    bool big_endian;
    std::uint32_t magic_seed;
    bool magic_counts_blocks;

    [[nodiscard]] std::uint32_t pages_total() const { return blocks * usable_pages; }

    // The n-th usable page, counted over all blocks.
    [[nodiscard]] std::uint32_t page_of(std::uint32_t n) const {
        return n / usable_pages * pages_per_block + lookup_pages + n % usable_pages;
    }

    [[nodiscard]] bool is_lookup(std::uint32_t page) const {
        return page % pages_per_block < lookup_pages;
    }

    [[nodiscard]] std::size_t address_of(std::uint32_t page) const {
        return std::size_t{page} * page_size;
    }

    // The lookup entry of a page that is not itself a lookup page.
    [[nodiscard]] std::size_t lookup_entry(std::uint32_t page) const {
        const std::uint32_t block = page / pages_per_block;
        return std::size_t{block} * block_size +
               std::size_t{page % pages_per_block - lookup_pages} * 2;
    }

    [[nodiscard]] std::size_t magic_at(std::uint32_t block) const {
        return std::size_t{block} * block_size + std::size_t{lookup_pages} * page_size - 4;
    }

    [[nodiscard]] std::uint16_t magic_of(std::uint32_t block) const {
        return static_cast<std::uint16_t>(magic_seed ^ (magic_counts_blocks ? blocks - block : 0));
    }

    [[nodiscard]] std::uint64_t data_pages(std::uint64_t size) const {
        return (size + data_bytes - 1) / data_bytes;
    }

    // Index pages of a file with that many data pages: one, and more once its table is full.
    [[nodiscard]] std::uint64_t index_pages(std::uint64_t data) const {
        if (data <= head_entries) return 1;
        return 1 + (data - head_entries + index_entries - 1) / index_entries;
    }

    [[nodiscard]] std::uint16_t get16(ByteView bytes, std::size_t at) const {
        const std::uint16_t value = get_u16(bytes, at);
        return big_endian ? static_cast<std::uint16_t>(value << 8 | value >> 8) : value;
    }

    [[nodiscard]] std::uint32_t get32(ByteView bytes, std::size_t at) const {
        const std::uint32_t first = get16(bytes, at);
        const std::uint32_t second = get16(bytes, at + 2);
        return big_endian ? first << 16 | second : second << 16 | first;
    }

    void put16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) const {
        put_u16(bytes, at,
                big_endian ? static_cast<std::uint16_t>(value << 8 | value >> 8) : value);
    }

    void put32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) const {
        const auto low = static_cast<std::uint16_t>(value);
        const auto high = static_cast<std::uint16_t>(value >> 16);
        put16(bytes, at, big_endian ? high : low);
        put16(bytes, at + 2, big_endian ? low : high);
    }
};

}  // namespace imprint::image::spiffs
