#include "image_tool/foreign.h"

#include <bit>
#include <fmt/format.h>

#include "image/esp8266_image.h"

namespace imprint::image_tool {

namespace {

bool stands_at(ByteView bytes, std::size_t at, std::string_view text) {
    return bytes.size() >= at + text.size() && as_text(bytes.subspan(at, text.size())) == text;
}

// The superblock is in the first two blocks, and the first is always written first: a magic word
// behind revision and tag, then another tag, then version, block size and count.
std::optional<Named> littlefs(ByteView bytes) {
    constexpr std::string_view magic = "littlefs";
    constexpr std::size_t magic_at = 8;
    constexpr std::size_t version_at = 20;
    constexpr std::size_t block_size_at = 24;
    constexpr std::size_t block_count_at = 28;
    constexpr std::size_t former_magic_at = 40;  // of version 1
    constexpr std::uint32_t least_block = 128;
    if (stands_at(bytes, former_magic_at, magic)) return Named{"littlefs", "LittleFS 1", 0, 0};
    if (!stands_at(bytes, magic_at, magic) || bytes.size() < block_count_at + 4)
        return std::nullopt;
    const std::uint32_t version = get_u32(bytes, version_at);
    const std::uint32_t block = get_u32(bytes, block_size_at);
    const std::uint32_t blocks = get_u32(bytes, block_count_at);
    if (version >> 16 != 2 || block < least_block || !std::has_single_bit(block))
        return Named{"littlefs", "LittleFS", 0, 0};
    return Named{"littlefs",
                 fmt::format("LittleFS {}.{}, {} blocks of {} bytes", version >> 16,
                             version & 0xFFFF, blocks, block),
                 block, std::uint64_t{block} * blocks};
}

std::optional<Named> fat_at(ByteView bytes, std::size_t at, std::string_view how) {
    constexpr std::size_t sector = 512;
    if (bytes.size() < at + sector) return std::nullopt;
    const ByteView boot = bytes.subspan(at, sector);
    const std::uint32_t unit = get_u16(boot, 11);
    const std::uint8_t cluster = boot[13];
    const std::uint8_t copies = boot[16];
    const bool jump = (boot[0] == 0xEB && boot[2] == 0x90) || boot[0] == 0xE9;
    if (!jump || get_u16(boot, 510) != 0xAA55 || unit < sector || unit > 4096 ||
        !std::has_single_bit(unit) || !std::has_single_bit(cluster) || get_u16(boot, 14) == 0 ||
        copies == 0 || copies > 2 || boot[21] < 0xF0)
        return std::nullopt;
    const std::uint32_t few = get_u16(boot, 19);
    const std::uint32_t sectors = few != 0 ? few : get_u32(boot, 32);
    return Named{"fat", fmt::format("FAT{}, {} sectors of {} bytes", how, sectors, unit), unit,
                 std::uint64_t{unit} * sectors};
}

}  // namespace

std::optional<Named> file_system(ByteView bytes) {
    constexpr std::size_t sector = 0x1000;
    if (auto found = littlefs(bytes)) return found;
    // Of a file system that was just made, or whose second superblock is the newer one.
    if (bytes.size() > sector && is_erased(bytes.first(sector)))
        if (auto found = littlefs(bytes.subspan(sector))) return found;
    if (auto found = fat_at(bytes, 0, "")) return found;
    return fat_at(bytes, sector, " with wear levelling");
}

std::optional<Named> foreign(ByteView bytes) {
    if (auto found = file_system(bytes)) return found;
    if (const int version = image::esp8266_image_version(bytes); version != 0)
        return Named{"esp8266",
                     version == 1 ? "image for the ESP8266" : "image for the ESP8266 (version 2)",
                     0, 0};
    return std::nullopt;
}

bool is_elf(ByteView bytes) {
    return stands_at(bytes, 0,
                     "\x7F"
                     "ELF");
}

}  // namespace imprint::image_tool
