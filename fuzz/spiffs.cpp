// SPIFFS images: any bytes as one, and a sound one with any bytes of it changed.
#include "image/spiffs.h"

#include <algorithm>

#include "target.h"

using namespace imprint;
namespace spiffs = imprint::image::spiffs;

namespace {

spiffs::Geometry geometry_of(std::size_t size) {
    spiffs::Geometry geometry;
    geometry.image_size = static_cast<std::uint32_t>(size);
    return geometry;
}

void look(ByteView image) {
    const auto found = spiffs::read(image, geometry_of(image.size()));
    if (found) {
        std::size_t bytes = 0;
        for (const auto& file : found->files)
            bytes += file.content.size();
        for (const auto& partial : found->partial)
            bytes += partial.file.content.size();
        imprint::fuzz::require(bytes <= 4 * image.size());
    }
    if (const auto geometry = spiffs::detect(image))
        static_cast<void>(spiffs::read(image, *geometry));
}

}  // namespace

void imprint::fuzz::run(ByteView input) {
    look(input);
    const std::vector<spiffs::File> files{{"/a", Bytes(300, 'a')}, {"/key", Bytes(1700, 'k')}};
    Bytes image = spiffs::build(geometry_of(0x8000), files).value().image;
    // Three bytes a change: where, and to what.
    for (std::size_t i = 0; i + 3 <= input.size(); i += 3)
        image[(input[i] | input[i + 1] << 8) % image.size()] = input[i + 2];
    look(image);
}
