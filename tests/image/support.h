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

[[nodiscard]] Bytes inflate(ByteView gzip, std::size_t size);

// A file of so many bytes, no two pages alike.
[[nodiscard]] Bytes pattern(std::size_t size, std::uint32_t seed = 1);

}  // namespace imprint::image::testing
