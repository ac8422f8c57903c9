#include "simulator/firmware_settings.h"

#include <algorithm>
#include <string_view>

namespace imprint::simulator {

namespace {

using imprint_identity::Storage;

constexpr std::string_view magic = "imprint: SPIFFS ";
constexpr std::size_t mark_size = magic.size() + std::size_t{3} * 4 + 2;
constexpr std::size_t mark_at = 256;  // in the first segment: behind esp_app_desc_t
// Behind it, where it is not SPIFFS.
constexpr std::string_view storage_magic = "imprint: format ";

// Empty: the app does not reach so far.
ByteView constants_of(ByteView flash, std::uint32_t app_offset, const image::AppImage& app,
                      std::size_t at, std::size_t size) {
    if (app.segments.empty() || app.segments.front().size < at + size) return {};
    const std::size_t from = std::size_t{app_offset} + app.segments.front().file_offset + at;
    return from + size > flash.size() ? ByteView() : flash.subspan(from, size);
}

bool begins_with(ByteView bytes, std::string_view text) {
    return bytes.size() >= text.size() && as_text(bytes.first(text.size())) == text;
}

}  // namespace

Bytes settings_mark(const FirmwareSettings& settings) {
    const image::spiffs::Geometry& geometry = settings.spiffs;
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
    if (settings.storage == Storage::spiffs) return mark;
    append(mark, as_bytes(storage_magic));
    mark.push_back(static_cast<std::uint8_t>(settings.storage));
    return mark;
}

FirmwareSettings settings_of(ByteView flash, std::uint32_t app_offset, const image::AppImage& app) {
    FirmwareSettings settings;
    const ByteView mark = constants_of(flash, app_offset, app, mark_at, mark_size);
    if (!begins_with(mark, magic)) return settings;
    image::spiffs::Geometry& geometry = settings.spiffs;
    geometry.page_size = get_u32(mark, magic.size());
    geometry.name_length = get_u32(mark, magic.size() + 4);
    geometry.metadata_length = get_u32(mark, magic.size() + 8);
    geometry.use_magic = mark[magic.size() + 12] != 0;
    geometry.use_magic_length = mark[magic.size() + 13] != 0;
    const ByteView more =
        constants_of(flash, app_offset, app, mark_at + mark_size, storage_magic.size() + 1);
    if (begins_with(more, storage_magic) &&
        more.back() <= static_cast<std::uint8_t>(Storage::esp_secure_cert))
        settings.storage = static_cast<Storage>(more.back());
    return settings;
}

}  // namespace imprint::simulator
