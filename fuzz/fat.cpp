// FAT partitions as the firmware reads them: any bytes as one, and sound ones, plain and under wear
// levelling, with any bytes of them changed.
#include "imprint_identity/fat.h"

#include <cstring>

#include "fat_image.h"
#include "target.h"

namespace fat = imprint_identity::fat;
using imprint_identity::FileSource;
using imprint_identity::Flash;
using imprint_identity::testing::FatImage;
using imprint_identity::testing::WornPartition;

namespace {

void look(imprint::ByteView image) {
    Flash flash;
    flash.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
        const auto& cells = *static_cast<const imprint::ByteView*>(self);
        imprint::fuzz::require(at <= cells.size() && size <= cells.size() - at);
        std::memcpy(into, cells.data() + at, size);
        return true;
    };
    flash.context = &image;
    fat::Volume volume;
    if (volume.open(flash, static_cast<std::uint32_t>(image.size())) != nullptr) return;
    const FileSource files = volume.source();
    for (const char* name : {"device.json", "copy/private.pem.key", "KEY.PEM"}) {
        const long size = files.size(files.context, name);
        if (size < 0 || size > 9000) continue;
        imprint::Bytes content(static_cast<std::size_t>(size));
        const bool is_read = files.read(files.context, name,
                                        reinterpret_cast<char*>(content.data()), content.size());
        imprint::fuzz::require(is_read || *files.trouble(files.context) != '\0');
    }
}

imprint::Bytes sound_image(bool is_worn) {
    FatImage image({.sectors = 13, .sector_size = 4096, .tables = 1, .root_entries = 128});
    image.add("device.json", std::string(300, 'd'));
    image.add("KEY.PEM", std::string(4097, 'k'));
    image.add("copy/private.pem.key", std::string(9000, 'c'));
    imprint::Bytes content = image.finish();
    if (!is_worn) return content;
    WornPartition worn(content, 18 * WornPartition::sector);
    for (int moves = 0; moves < 20; ++moves)
        worn.move();
    return worn.cells();
}

}  // namespace

void imprint::fuzz::run(ByteView input) {
    look(input);
    static const Bytes sound[] = {sound_image(false), sound_image(true)};
    for (const Bytes& whole : sound) {
        Bytes image = whole;
        // Four bytes a change: where, and to what.
        for (std::size_t i = 0; i + 4 <= input.size(); i += 4) {
            const std::size_t at = input[i] | input[i + 1] << 8 | (input[i + 2] & 1) << 16;
            image[at % image.size()] = input[i + 3];
        }
        look(image);
    }
}
