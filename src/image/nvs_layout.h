// Places, states and checksums of an NVS partition. Internal to the layer.
// Source: ESP-IDF components/nvs_flash/private_include/nvs_constants.h, src/nvs_types.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "image/nvs.h"

namespace imprint::image::nvs {

inline constexpr std::uint32_t entries_a_page = 126;
inline constexpr std::uint32_t entry_size = 32;

// In a page: header, two bits for each entry, entries.
inline constexpr std::size_t sequence_at = 4;
inline constexpr std::size_t version_at = 8;
inline constexpr std::size_t page_crc_at = 28;
inline constexpr std::size_t states_at = 32;
inline constexpr std::size_t entries_at = 64;

inline constexpr std::uint32_t page_erased = 0xFFFFFFFF;
inline constexpr std::uint32_t page_active = 0xFFFFFFFE;
inline constexpr std::uint32_t page_full = 0xFFFFFFFC;
inline constexpr std::uint32_t page_freeing = 0xFFFFFFF8;

enum class EntryState : std::uint8_t { erased = 0, illegal = 1, written = 2, empty = 3 };

// In an entry: namespace, type, span, chunk; its CRC; its key; its value.
inline constexpr std::size_t type_at = 1;
inline constexpr std::size_t span_at = 2;
inline constexpr std::size_t chunk_at = 3;
inline constexpr std::size_t crc_at = 4;
inline constexpr std::size_t key_at = 8;
inline constexpr std::size_t key_bytes = 16;  // with its NUL
inline constexpr std::size_t value_at = 24;
inline constexpr std::size_t data_crc_at = 28;     // of a string, a blob, a chunk
inline constexpr std::size_t chunk_count_at = 28;  // of an index
inline constexpr std::size_t chunk_start_at = 29;

inline constexpr std::uint8_t type_chunk = 0x42;
inline constexpr std::uint8_t type_index = 0x48;
inline constexpr std::uint8_t no_chunk = 0xFF;
// A blob that is written anew has its chunks numbered from here, then from 0 again.
inline constexpr std::uint8_t second_start = 0x80;
inline constexpr std::uint32_t most_chunks = 127;
inline constexpr std::uint32_t most_in_page = (entries_a_page - 1) * entry_size;
inline constexpr std::uint32_t most_in_version_one = 1984;
inline constexpr std::uint8_t last_namespace = 254;

// zlib's, begun at FFFFFFFF and not at 0.
[[nodiscard]] inline std::uint32_t checksum(ByteView bytes) {
    return crc32(bytes, 0xFFFFFFFF);
}

[[nodiscard]] inline std::uint32_t page_checksum(ByteView page) {
    return checksum(page.subspan(sequence_at, page_crc_at - sequence_at));
}

// Of all but the checksum itself.
[[nodiscard]] inline std::uint32_t entry_checksum(ByteView entry) {
    return crc32(entry.subspan(key_at, entry_size - key_at), checksum(entry.first(crc_at)));
}

[[nodiscard]] constexpr std::size_t entry_place(std::uint32_t page, std::uint32_t entry) {
    return std::size_t{page} * page_size + entries_at + std::size_t{entry} * entry_size;
}

[[nodiscard]] inline EntryState entry_state(ByteView page, std::uint32_t entry) {
    return static_cast<EntryState>(page[states_at + entry / 4] >> (entry % 4 * 2) & 3);
}

[[nodiscard]] constexpr std::uint32_t entries_for(std::size_t bytes) {
    return static_cast<std::uint32_t>(round_up(bytes, entry_size) / entry_size);
}

[[nodiscard]] std::unexpected<Error> bad_value(std::string message, std::string hint = {});

// Error: nvs_size (config).
[[nodiscard]] Result<void> check_whole_pages(std::uint64_t size);

}  // namespace imprint::image::nvs
