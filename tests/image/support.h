// What the tests of the image layer share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/spiffs.h"

namespace imprint::image::testing {

struct SpiffsVector {
    std::string name;
    spiffs::Geometry geometry;
    std::vector<spiffs::File> files;
    Bytes image;
    std::string sha256;  // of the image, in hex
};

// tests/data/image/spiffs, as its README.md says.
[[nodiscard]] std::vector<SpiffsVector> spiffs_vectors();

// An image that SPIFFS itself wrote until its power failed, and what SPIFFS reads of it.
struct LivedImage {
    struct File {
        std::string path;
        std::uint32_t size = 0;  // as it is listed
        bool whole = false;      // read to its end
        std::uint32_t read = 0;  // bytes
        std::string sha256;      // of these, in hex
    };

    std::string name;
    spiffs::Geometry geometry;
    std::vector<File> files;
    Bytes image;
};

// tests/data/image/spiffs-lived, as the README.md beside it says.
[[nodiscard]] std::vector<LivedImage> lived_images();

[[nodiscard]] Bytes inflate(ByteView gzip, std::size_t size);

// A file of so many bytes, no two pages alike.
[[nodiscard]] Bytes pattern(std::size_t size, std::uint32_t seed = 1);

}  // namespace imprint::image::testing
