#include "image/placed_table.h"

#include <algorithm>
#include <utility>

namespace imprint::image {

namespace {

using HasImage = std::function<bool(std::uint32_t)>;

bool has_app(const PartitionTable& table, const HasImage& has_image) {
    return std::ranges::any_of(table.partitions(), [&](const Partition& one) {
        return one.is_app() && has_image(one.offset);
    });
}

// A firmware that uses this table would long have written over what stands there.
bool gives_away(const PartitionTable& table, std::uint32_t place, const HasImage& has_image) {
    return std::ranges::any_of(table.partitions(), [&](const Partition& one) {
        return place >= one.offset && place < one.end() && !(one.is_app() && has_image(one.offset));
    });
}

}  // namespace

bool begins_table(ByteView bytes) {
    constexpr std::uint16_t magic = 0x50AA;
    return bytes.size() >= sizeof(magic) && get_u16(bytes, 0) == magic;
}

std::vector<PlacedTable> tables_in(std::uint32_t offset, ByteView bytes) {
    std::vector<PlacedTable> found;
    for (std::uint32_t at = first_table_place; at <= last_table_place;
         at += PartitionTable::sector_size) {
        if (at < offset || at - offset + std::uint64_t{PartitionTable::binary_size} > bytes.size())
            continue;
        const ByteView here = bytes.subspan(at - offset, PartitionTable::binary_size);
        if (!begins_table(here)) continue;
        if (auto table = PartitionTable::parse_binary(here))
            found.push_back({at, std::move(*table)});
    }
    return found;
}

const PlacedTable* table_in_force(std::span<const PlacedTable> tables, const HasImage& has_image) {
    const PlacedTable* best = nullptr;
    for (const PlacedTable& one : tables) {
        const bool first = best == nullptr;
        const bool starts = has_app(one.table, has_image);
        const bool best_starts = !first && has_app(best->table, has_image);
        if (first || (starts && !best_starts) ||
            (starts == best_starts && gives_away(best->table, one.offset, has_image)))
            best = &one;
    }
    return best;
}

}  // namespace imprint::image
