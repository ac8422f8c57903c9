// SPIFFS images: builds what Espressif's spiffsgen.py writes, byte for byte, and reads them.
// Format: pellepl/spiffs spiffs_nucleus.h; ESP-IDF components/spiffs/spiffsgen.py.
// Intended differences are listed in docs/images.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image::spiffs {

struct Geometry {
    std::uint32_t image_size = 0;       // bytes; the partition's size
    std::uint32_t page_size = 256;      // bytes
    std::uint32_t block_size = 4096;    // bytes
    std::uint32_t name_length = 32;     // CONFIG_SPIFFS_OBJ_NAME_LEN, with the ending NUL
    std::uint32_t metadata_length = 4;  // CONFIG_SPIFFS_META_LENGTH
    bool use_magic = true;
    bool use_magic_length = true;
    bool big_endian = false;
    bool aligned_index_tables = false;  // CONFIG_SPIFFS_ALIGNED_OBJ_INDEX_TABLES
    bool operator==(const Geometry&) const = default;
};

// How much free space the device needs. SPIFFS keeps two blocks back from all writers.
enum class Use {
    read_write,  // fewer than 3 pages beside these two blocks is an error; too few to write the
                 // largest file anew, fewer than 5 free blocks or over 75 % full a warning
    read_only,   // may be filled to the last page
};

struct File {
    std::string path;  // as opened on the device, below the mount point: "/certificate.pem.crt"
    Bytes content;
};

struct Usage {
    std::uint32_t pages_used = 0;
    std::uint32_t pages_total = 0;  // usable ones: without lookup pages
    std::uint32_t blocks_free = 0;  // completely free
    std::uint32_t blocks_total = 0;
};

struct Built {
    Bytes image;
    Usage usage;
    std::vector<std::string> warnings;
};

// Whether a device would mount this. Error: spiffs_geometry (config), with the numbers.
[[nodiscard]] Result<void> check(const Geometry& geometry);

// Files are stored in byte order of their paths. Errors (config): spiffs_geometry, spiffs_name
// (empty, too long in bytes, duplicate, contains NUL), spiffs_full (with the space needed and
// available).
[[nodiscard]] Result<Built> build(const Geometry& geometry, const std::vector<File>& files,
                                  Use use = Use::read_write);

// A file that a device lists and cannot read to its end, as power that failed leaves them.
struct PartialFile {
    File file;               // what it reads, up to the first bad page; may be nothing
    std::uint32_t size = 0;  // as the file itself says
    std::string problem;     // "its part 3 is listed on page 20, which was never finished"
};

struct Contents {
    Geometry geometry;
    std::vector<File> files;           // read to their end; in byte order of their path
    std::vector<PartialFile> partial;  // likewise
    Usage usage;
    std::vector<std::string> warnings;  // oddities that a device tolerates
};

// Reads any image, even a malicious one, as a device does that has just mounted it: what is bad of
// one file does not touch the others. The files have at most four times the image's size together.
// Error: spiffs_damaged (config) for what a device does not mount.
[[nodiscard]] Result<Contents> read(ByteView image, const Geometry& geometry);

// Detects page and block size, lengths and order from the image itself, for `image inspect`.
[[nodiscard]] Result<Geometry> detect(ByteView image);

}  // namespace imprint::image::spiffs
