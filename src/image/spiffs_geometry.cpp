#include <algorithm>
#include <fmt/format.h>

#include "image/spiffs.h"
#include "image/spiffs_layout.h"

namespace imprint::image::spiffs {

namespace {

constexpr std::uint32_t flash_page = 256;
constexpr std::uint32_t flash_sector = 4096;
// SPIFFS_PAGE_EXTRA_SIZE of ESP-IDF's spiffs_config.h: room for the header and some table entries.
constexpr std::uint32_t page_extra = 64;

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "spiffs_geometry", std::move(message), std::move(hint));
}

Result<void> check_page_and_block(const Geometry& geometry) {
    if (geometry.page_size == 0 || geometry.page_size % flash_page != 0)
        return refuse(fmt::format("a SPIFFS page of {} bytes is not a multiple of {}, flash's own "
                                  "page: a device refuses to mount it",
                                  geometry.page_size, flash_page),
                      "give the value of CONFIG_SPIFFS_PAGE_SIZE");
    if (geometry.block_size == 0 || geometry.block_size % flash_sector != 0)
        return refuse(fmt::format("a SPIFFS block of {} bytes is not a multiple of {}, the sector "
                                  "that flash erases as a whole",
                                  geometry.block_size, flash_sector),
                      "ESP-IDF uses blocks of 4096 bytes");
    if (geometry.block_size % geometry.page_size != 0)
        return refuse(
            fmt::format("a SPIFFS block of {} bytes does not hold a whole number of "
                        "pages of {} bytes",
                        geometry.block_size, geometry.page_size));
    if (geometry.block_size / geometry.page_size < 2)
        return refuse(
            fmt::format("a SPIFFS block of {} bytes with pages of {} bytes has no page "
                        "beside its lookup page",
                        geometry.block_size, geometry.page_size));
    return {};
}

// The device rounds the number of lookup pages down (SPIFFS_OBJ_LOOKUP_PAGES), spiffsgen.py rounds
// it up; and a block's magic needs two free words behind the last entry
// (SPIFFS_CHECK_MAGIC_POSSIBLE), its erase count one.
Result<void> check_lookup(const Geometry& geometry) {
    const std::uint32_t pages = geometry.block_size / geometry.page_size;
    const std::uint32_t words = geometry.page_size / 2;  // in one lookup page
    if (pages > words && pages % words != 0)
        return refuse(
            fmt::format("a SPIFFS block of {} pages needs {} words of lookup, which is no whole "
                        "number of pages of {} words: a device would look in the wrong place",
                        pages, pages, words),
            "choose a smaller block or a larger page");
    const std::uint32_t lookup = std::max(1U, pages / words);
    const std::uint32_t entries = pages - lookup;
    const std::uint32_t spare = lookup * words - entries;
    const std::uint32_t needed = geometry.use_magic ? 2 : 1;
    if (spare < needed)
        return refuse(
            fmt::format("a SPIFFS block of {} pages fills its lookup of {} words with {} entries "
                        "and leaves no room for the {}: a device cannot mount it (-10028)",
                        pages, lookup * words, entries,
                        geometry.use_magic ? "magic" : "erase count"),
            "choose a smaller block or a larger page");
    return {};
}

// Words of 16 bits name pages and files: esp_spiffs_init in ESP-IDF's esp_spiffs.c.
Result<void> check_size(const Geometry& geometry) {
    if (geometry.image_size == 0 || geometry.image_size % geometry.block_size != 0)
        return refuse(fmt::format("a SPIFFS image of {} (0x{:X}) bytes is no whole number of "
                                  "blocks of {} bytes",
                                  geometry.image_size, geometry.image_size, geometry.block_size),
                      "give the size of the partition");
    const std::uint32_t pages = geometry.image_size / geometry.page_size;
    if (pages > 0xFFFF || 2 + 2 * (pages / 2) > 0xFFFF) {
        const std::uint64_t most =
            std::uint64_t{0xFFFD} * geometry.page_size / geometry.block_size * geometry.block_size;
        return refuse(
            fmt::format("a SPIFFS image of {} (0x{:X}) bytes has {} pages of {} bytes, more than "
                        "16 bits can name: a device refuses to mount it",
                        geometry.image_size, geometry.image_size, pages, geometry.page_size),
            fmt::format("with this page size the most is 0x{:X} bytes; a larger "
                        "CONFIG_SPIFFS_PAGE_SIZE allows more",
                        most));
    }
    return {};
}

Result<void> check_lengths(const Geometry& geometry) {
    if (geometry.name_length < 2)
        return refuse(fmt::format("a SPIFFS name length of {} leaves no room for a name and the "
                                  "NUL that ends it",
                                  geometry.name_length),
                      "give the value of CONFIG_SPIFFS_OBJ_NAME_LEN");
    const std::uint64_t header =
        std::uint64_t{geometry.name_length} + geometry.metadata_length + page_extra;
    if (header > geometry.page_size)
        return refuse(
            fmt::format("a SPIFFS name of {} and metadata of {} bytes do not fit a page of {}: "
                        "with the {} that SPIFFS needs they come to {}",
                        geometry.name_length, geometry.metadata_length, geometry.page_size,
                        page_extra, header),
            "CONFIG_SPIFFS_OBJ_NAME_LEN + CONFIG_SPIFFS_META_LENGTH must not exceed "
            "CONFIG_SPIFFS_PAGE_SIZE - 64");
    return {};
}

}  // namespace

Result<void> check(const Geometry& geometry) {
    IMPRINT_CHECK(check_page_and_block(geometry));
    IMPRINT_CHECK(check_lookup(geometry));
    IMPRINT_CHECK(check_size(geometry));
    return check_lengths(geometry);
}

}  // namespace imprint::image::spiffs
