// SPIFFS images: builds what Espressif's spiffsgen.py writes, byte for byte, and reads them.
// Format: pellepl/spiffs spiffs_nucleus.h; ESP-IDF components/spiffs/spiffsgen.py.
// Intended differences are listed in docs/images.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "imprint_identity/spiffs.h"

namespace imprint::image::spiffs {

// As the board's own reader has it.
using imprint_identity::spiffs::Geometry;

// How much free space the device needs. SPIFFS keeps two blocks back from all writers.
enum class Use {
    read_write,  // fewer than 3 pages beside these two blocks is an error; too few to write the
                 // largest file anew, fewer than 5 free blocks or over 75 % full a warning
    read_only,   // may be filled to the last page
};

struct File {
    std::string path;  // as opened on the device, below the mount point: "/certificate.pem.crt"
    Bytes content;
    // Files of one group lie together, and those of another begin in a block of their own: what
    // happens to a block happens to one group.
    unsigned group = 0;
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

// Files are stored in the order of their groups, and in each in byte order of their paths. Errors
// (config): spiffs_geometry, spiffs_name (empty, too long in bytes, duplicate, contains NUL),
// spiffs_full (with the space needed and available).
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

enum class Reading {
    as_mounted,  // as SPIFFS does that has just mounted it, which erases a block without magic
    as_it_lies,  // as firmware does that reads the flash itself: whatever still stands there
};

// Reads any image, even a malicious one: what is bad of one file does not touch the others. The
// files have at most four times the image's size together. Error: spiffs_damaged (config): another
// size, or, as_mounted, what a device does not mount.
[[nodiscard]] Result<Contents> read(ByteView image, const Geometry& geometry,
                                    Reading reading = Reading::as_mounted);

// Detects page and block size, lengths and order from the image itself, for `image inspect`.
[[nodiscard]] Result<Geometry> detect(ByteView image);

}  // namespace imprint::image::spiffs
