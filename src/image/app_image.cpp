#include "image/app_image.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/digest.h"

namespace imprint::image {

namespace {

constexpr std::uint8_t image_magic = 0xE9;
constexpr std::size_t image_header = 24;
constexpr std::size_t segment_header = 8;
constexpr std::size_t most_segments = 16;
constexpr std::uint32_t segment_limit = 0x1000000;
constexpr std::uint8_t checksum_seed = 0xEF;
constexpr std::size_t hash_size = 32;
constexpr std::uint32_t app_magic = 0xABCD5432;
constexpr std::size_t app_description_size = 256;
constexpr std::uint8_t bootloader_magic = 80;
constexpr std::size_t bootloader_description_size = 80;

std::unexpected<Error> damaged_image(std::string message) {
    return fail(ErrorKind::config, "app_image_damaged", std::move(message));
}

std::string text_field(ByteView bytes, std::size_t at, std::size_t size) {
    const std::string_view text = as_text(bytes.subspan(at, size));
    return std::string(text.substr(0, std::min(text.find('\0'), text.size())));
}

void put_text(Bytes& bytes, std::size_t at, std::size_t size, std::string_view text) {
    std::ranges::copy(as_bytes(text.substr(0, size - 1)),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

// esp_app_desc_t, at the start of the first segment of an app.
std::optional<AppDescription> read_description(ByteView segment) {
    if (segment.size() < app_description_size || get_u32(segment, 0) != app_magic)
        return std::nullopt;
    AppDescription found;
    found.secure_version = get_u32(segment, 4);
    found.version = text_field(segment, 16, 32);
    found.project = text_field(segment, 48, 32);
    found.build_time = text_field(segment, 80, 16);
    found.build_date = text_field(segment, 96, 16);
    found.idf_version = text_field(segment, 112, 32);
    const ByteView hash = segment.subspan(144, hash_size);
    found.elf_sha256.assign(hash.begin(), hash.end());
    return found;
}

// esp_bootloader_desc_t. Its magic is one byte, so its text must also look like what it is.
std::optional<BootloaderDescription> read_bootloader(ByteView segment) {
    if (segment.size() < bootloader_description_size || segment[0] != bootloader_magic)
        return std::nullopt;
    BootloaderDescription found;
    found.version = get_u32(segment, 4);
    found.idf_version = text_field(segment, 8, 32);
    found.build_time = text_field(segment, 40, 24);
    const auto printable = [](const std::string& text) {
        return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    };
    // Reproducible builds (CONFIG_APP_REPRODUCIBLE_BUILD) leave the time empty.
    if (found.idf_version.empty() || !printable(found.idf_version) || !printable(found.build_time))
        return std::nullopt;
    return found;
}

struct Segments {
    std::vector<AppSegment> list;
    std::size_t end = image_header;
    std::uint8_t checksum = checksum_seed;
};

Result<Segments> read_segments(ByteView bytes, std::size_t count) {
    Segments segments;
    for (std::size_t i = 0; i < count; ++i) {
        if (bytes.size() - segments.end < segment_header)
            return damaged_image(
                fmt::format("the image ends at {} bytes, inside the header of segment "
                            "{} of {}",
                            bytes.size(), i, count));
        AppSegment segment;
        segment.load_address = get_u32(bytes, segments.end);
        segment.size = get_u32(bytes, segments.end + 4);
        segments.end += segment_header;
        segment.file_offset = static_cast<std::uint32_t>(segments.end);
        if (segment.size % 4 != 0 || segment.size >= segment_limit)
            return damaged_image(
                fmt::format("segment {} says that it has 0x{:X} bytes, which is no "
                            "multiple of 4 below 0x{:X}",
                            i, segment.size, segment_limit));
        if (bytes.size() - segments.end < segment.size)
            return damaged_image(
                fmt::format("segment {} needs 0x{:X} bytes from 0x{:X} and the image "
                            "ends at 0x{:X}",
                            i, segment.size, segments.end, bytes.size()));
        for (const std::uint8_t byte : bytes.subspan(segments.end, segment.size))
            segments.checksum ^= byte;
        segments.end += segment.size;
        segments.list.push_back(segment);
    }
    return segments;
}

}  // namespace

Result<AppImage> parse_app_image(ByteView bytes) {
    if (bytes.size() < image_header)
        return damaged_image(
            fmt::format("{} bytes are too few for an app image, whose header alone has "
                        "{}",
                        bytes.size(), image_header));
    if (bytes[0] != image_magic)
        return damaged_image(fmt::format("an app image starts with 0x{:02X}, this with 0x{:02X}",
                                         image_magic, bytes[0]));
    const std::size_t count = bytes[1];
    if (count == 0 || count > most_segments)
        return damaged_image(fmt::format(
            "the image says that it has {} segments; 1 to {} are possible", count, most_segments));
    AppImage image;
    image.flash_mode = bytes[2];
    image.flash_frequency_code = bytes[3] & 0x0F;
    image.flash_size_code = bytes[3] >> 4;
    image.entry = get_u32(bytes, 4);
    image.chip_id = get_u16(bytes, 12);
    image.min_revision_byte = bytes[14];
    image.min_revision = get_u16(bytes, 15);
    image.max_revision = get_u16(bytes, 17);
    image.hash_appended = bytes[23] == 1;

    IMPRINT_TRY(Segments segments, read_segments(bytes, count));
    // The checksum is the last byte of a block of 16 with at least one byte to spare.
    const std::size_t checked = round_up(segments.end + 1, 16);
    if (bytes.size() < checked)
        return damaged_image(
            fmt::format("the image ends at 0x{:X} bytes, before its checksum at 0x{:X}",
                        bytes.size(), checked - 1));
    if (bytes[checked - 1] != segments.checksum)
        return damaged_image(
            fmt::format("the checksum of the segments is 0x{:02X} and the image says "
                        "0x{:02X}",
                        segments.checksum, bytes[checked - 1]));
    std::size_t end = checked;
    if (image.hash_appended) {
        if (bytes.size() - checked < hash_size)
            return damaged_image(
                fmt::format("the image ends at 0x{:X} bytes, inside its SHA-256 at "
                            "0x{:X}",
                            bytes.size(), checked));
        const ByteView appended = bytes.subspan(checked, hash_size);
        image.sha256.assign(appended.begin(), appended.end());
        const Sha256 computed = sha256(bytes.first(checked));
        if (!std::ranges::equal(appended, computed))
            return damaged_image(fmt::format("the image has the SHA-256 {} and says {}",
                                             to_hex(computed), to_hex(appended)));
        end += hash_size;
    }
    image.image_size = static_cast<std::uint32_t>(end);
    const ByteView first = bytes.subspan(segments.list[0].file_offset, segments.list[0].size);
    image.description = read_description(first);
    if (!image.description) image.bootloader = read_bootloader(first);
    image.segments = std::move(segments.list);
    return image;
}

Bytes build_app_image(const AppImageParts& parts) {
    Bytes bytes(image_header, 0);
    bytes[0] = image_magic;
    bytes[1] = static_cast<std::uint8_t>(parts.segments.size());
    bytes[2] = parts.flash_mode;
    bytes[3] =
        static_cast<std::uint8_t>(parts.flash_size_code << 4 | (parts.flash_frequency_code & 0x0F));
    put_u32(bytes, 4, parts.entry);
    bytes[8] = 0xEE;  // no WP pin
    put_u16(bytes, 12, parts.chip_id);
    bytes[14] = parts.min_revision_byte;
    put_u16(bytes, 15, parts.min_revision);
    put_u16(bytes, 17, parts.max_revision);
    bytes[23] = parts.append_hash ? 1 : 0;
    std::uint8_t checksum = checksum_seed;
    for (const auto& [address, data] : parts.segments) {
        append_u32(bytes, address);
        append_u32(bytes, static_cast<std::uint32_t>(round_up(data.size(), 4)));
        append(bytes, data);
        bytes.resize(round_up(bytes.size(), 4));
        for (const std::uint8_t byte : data)
            checksum ^= byte;
    }
    bytes.resize(round_up(bytes.size() + 1, 16));
    bytes.back() = checksum;
    if (parts.append_hash) append(bytes, sha256(bytes));
    return bytes;
}

Bytes build_app_description(const AppDescription& description) {
    Bytes bytes(app_description_size, 0);
    put_u32(bytes, 0, app_magic);
    put_u32(bytes, 4, description.secure_version);
    put_text(bytes, 16, 32, description.version);
    put_text(bytes, 48, 32, description.project);
    put_text(bytes, 80, 16, description.build_time);
    put_text(bytes, 96, 16, description.build_date);
    put_text(bytes, 112, 32, description.idf_version);
    std::copy_n(description.elf_sha256.begin(), std::min(description.elf_sha256.size(), hash_size),
                bytes.begin() + 144);
    put_u16(bytes, 178, 0xFFFF);  // any eFuse block revision
    return bytes;
}

}  // namespace imprint::image
