// The layout of a SPIFFS image, computed from its geometry. Internal to the layer.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "image/spiffs.h"

namespace imprint::image::spiffs {

using imprint_identity::spiffs::data_header;
using imprint_identity::spiffs::flag_deleted;
using imprint_identity::spiffs::flag_final;
using imprint_identity::spiffs::flag_index;
using imprint_identity::spiffs::flag_index_deleted;
using imprint_identity::spiffs::flag_used;
using imprint_identity::spiffs::id_deleted;
using imprint_identity::spiffs::id_free;
using imprint_identity::spiffs::id_index_bit;
using imprint_identity::spiffs::id_last;
using imprint_identity::spiffs::index_header;
using imprint_identity::spiffs::name_at;
using imprint_identity::spiffs::PageHeader;
using imprint_identity::spiffs::size_at;
using imprint_identity::spiffs::size_unwritten;
using imprint_identity::spiffs::type_at;
using imprint_identity::spiffs::type_file;

// The layout of the board's own reader, on images in memory.
struct Layout : imprint_identity::spiffs::Layout {
    explicit Layout(const Geometry& geometry) : imprint_identity::spiffs::Layout(geometry) {}

    [[nodiscard]] std::uint16_t get16(ByteView bytes, std::size_t at) const {
        return load16(bytes.subspan(at, 2).data());
    }

    [[nodiscard]] std::uint32_t get32(ByteView bytes, std::size_t at) const {
        return load32(bytes.subspan(at, 4).data());
    }

    [[nodiscard]] PageHeader header(ByteView image, std::uint32_t page) const {
        return imprint_identity::spiffs::header_of(
            *this, image.subspan(address_of(page), data_header).data());
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
