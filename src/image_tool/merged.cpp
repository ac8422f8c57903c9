#include "image_tool/merged.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/files.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

// Up to the last byte that was written: what stands behind an image may be its signature.
std::uint64_t written_size(ByteView bytes) {
    std::size_t size = bytes.size();
    while (size > 0 && bytes[size - 1] == 0xFF)
        --size;
    return size;
}

}  // namespace

Result<std::vector<MergedPart>> merged_parts(const std::filesystem::path& file) {
    IMPRINT_TRY(const Bytes bytes, read_file(file, file_limit::flash_image));
    IMPRINT_TRY(const std::optional<FlashFound> flash, recognise_flash(bytes, {}));
    if (!flash)
        return fail(
            ErrorKind::config, "firmware_missing",
            fmt::format("{} is no merged binary: there is no partition table in it", file.string()),
            "an app alone does not start: name the build's folder, or list its files");
    std::vector<MergedPart> parts{{"partition table", flash->table_offset,
                                   flash->table_offset - flash->begins_at,
                                   image::PartitionTable::binary_size}};
    for (const FlashPart& part : flash->parts) {
        if (part.offset < flash->begins_at) continue;
        const std::uint64_t from = part.offset - flash->begins_at;
        if (from >= bytes.size()) continue;
        const ByteView content =
            ByteView(bytes).subspan(from, std::min<std::uint64_t>(part.size, bytes.size() - from));
        std::uint64_t size = written_size(content);
        if (size == 0) continue;
        // A file system is as large as its partition.
        const bool is_image = part.kind.empty() || part.kind.starts_with("app ");
        if (!is_image) size = content.size();
        parts.push_back({part.name, part.offset, from, size});
    }
    std::ranges::sort(parts, {}, &MergedPart::offset);
    return parts;
}

Result<std::uint32_t> bootloader_place(const std::filesystem::path& file) {
    IMPRINT_TRY(const Bytes bytes, read_file(file, file_limit::flash_image));
    auto image = image::parse_app_image(bytes);
    if (!image) return with_context(std::move(image).error(), file.string());
    return bootloader_offset(image->chip_id);
}

}  // namespace imprint::image_tool
