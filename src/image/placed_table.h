// Partition tables where they stand in flash, and which one a bootloader uses where there are two:
// its place is compiled into the bootloader (CONFIG_PARTITION_TABLE_OFFSET), and nothing in flash
// tells it. A board whose table was moved still has the former one.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "image/partition_table.h"

namespace imprint::image {

// Places that are looked at: ESP-IDF's usual one, and up to where the first app usually begins.
inline constexpr std::uint32_t first_table_place = 0x8000;
inline constexpr std::uint32_t last_table_place = 0x20000;

struct PlacedTable {
    std::uint32_t offset = 0;  // in flash
    PartitionTable table;
};

// Whether what stands there begins with the two bytes of a table.
[[nodiscard]] bool begins_table(ByteView bytes);

// The sound ones in some bytes that lie at `offset` in flash, by place.
[[nodiscard]] std::vector<PlacedTable> tables_in(std::uint32_t offset, ByteView bytes);

// The table in force, of those by place; null if there is none. has_image: whether an image begins
// at that place in flash. Only where neither apps nor places tell is it the first one.
[[nodiscard]] const PlacedTable* table_in_force(
    std::span<const PlacedTable> tables, const std::function<bool(std::uint32_t)>& has_image);

}  // namespace imprint::image
