#include "simulator/spi_flash.h"

namespace imprint::simulator {

namespace {

constexpr std::size_t table_at = 0x10;
constexpr std::size_t table_words = 9;  // JESD216, first edition

}  // namespace

bool FlashStatus::protects(std::uint32_t at, std::uint32_t size) const {
    const unsigned level = (bits_[0] & all_blocks) >> 2;
    if (level == 0) return false;
    // 1: a sixty-fourth of it, 2: a thirty-second, … 7: all.
    const std::uint32_t part = level == 7 ? size : size >> (7 - level);
    return (bits_[0] & from_bottom) != 0 ? at < part : at >= size - part;
}

Bytes sfdp_of(std::uint32_t size) {
    Bytes bytes(table_at + 4 * table_words, 0xFF);
    put_u32(bytes, 0, 0x50444653);                    // "SFDP"
    put_u32(bytes, 4, 0xFF000100);                    // revision 1.0, one parameter header
    put_u32(bytes, 8, table_words << 24 | 0x010000);  // the basic table, revision 1.0
    put_u32(bytes, 12, 0xFF000000 | table_at);
    // 4 KB erase by 20, three address bytes, dual and quad reads.
    put_u32(bytes, table_at, 0xFFF120E5);
    put_u32(bytes, table_at + 4, static_cast<std::uint32_t>(8ULL * size - 1));  // bits
    put_u32(bytes, table_at + 28, 0x520F200C);  // erases: 4 KB by 20, 32 KB by 52,
    put_u32(bytes, table_at + 32, 0xFF00D810);  // 64 KB by D8
    return bytes;
}

}  // namespace imprint::simulator
