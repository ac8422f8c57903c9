#include "simulator/firmware_settings.h"

#include <algorithm>
#include <string_view>

namespace imprint::simulator {

namespace {

constexpr std::string_view magic = "imprint: SPIFFS ";
constexpr std::size_t mark_size = magic.size() + 3 * 4 + 2;
constexpr std::size_t mark_at = 256;  // in the first segment: behind esp_app_desc_t

}  // namespace

Bytes spiffs_mark(const image::spiffs::Geometry& geometry) {
    Bytes mark(mark_size);
    std::ranges::copy(magic, mark.begin());
    std::size_t at = magic.size();
    for (const std::uint32_t number :
         {geometry.page_size, geometry.name_length, geometry.metadata_length}) {
        put_u32(mark, at, number);
        at += 4;
    }
    mark[at] = geometry.use_magic ? 1 : 0;
    mark[at + 1] = geometry.use_magic_length ? 1 : 0;
    return mark;
}

image::spiffs::Geometry spiffs_settings_of(ByteView flash, std::uint32_t app_offset,
                                           const image::AppImage& app) {
    image::spiffs::Geometry geometry;
    if (app.segments.empty() || app.segments.front().size < mark_at + mark_size) return geometry;
    const std::size_t from = std::size_t{app_offset} + app.segments.front().file_offset + mark_at;
    if (from + mark_size > flash.size()) return geometry;
    const ByteView mark = flash.subspan(from, mark_size);
    if (as_text(mark.first(magic.size())) != magic) return geometry;
    geometry.page_size = get_u32(mark, magic.size());
    geometry.name_length = get_u32(mark, magic.size() + 4);
    geometry.metadata_length = get_u32(mark, magic.size() + 8);
    geometry.use_magic = mark[magic.size() + 12] != 0;
    geometry.use_magic_length = mark[magic.size() + 13] != 0;
    return geometry;
}

}  // namespace imprint::simulator
