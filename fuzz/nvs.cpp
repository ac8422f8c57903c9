// NVS partitions: any bytes as one, and a sound one with any bytes of it changed, also with its
// checksums made right again; the CSV that they are made of.
#include "image/nvs.h"

#include <algorithm>

#include "image/nvs_layout.h"
#include "image_tool/nvs_csv.h"
#include "target.h"

using namespace imprint;
namespace nvs = imprint::image::nvs;

namespace {

void look(ByteView image) {
    static_cast<void>(nvs::is_nvs(image));
    const auto contents = nvs::read(image);
    if (!contents) return;
    std::size_t bytes = 0;
    for (const auto& space : contents->namespaces)
        for (const auto& entry : space.entries)
            bytes += entry.data.size();
    imprint::fuzz::require(bytes <= image.size());
}

Bytes sound_image() {
    auto builder = nvs::Builder::create(0x5000).value();
    builder.enter("ns").value();
    builder.add({"n", nvs::Type::u32, 7, {}}).value();
    builder.add({"text", nvs::Type::string, 0, Bytes(100, 't')}).value();
    builder.add({"blob", nvs::Type::blob, 0, Bytes(6000, 'b')}).value();
    return std::move(builder).finish().image;
}

void seal(Bytes& image) {
    for (std::uint32_t page = 0; page < image.size() / nvs::page_size; ++page) {
        const std::size_t header = page * std::size_t{nvs::page_size};
        const ByteView whole = ByteView(image).subspan(header, nvs::page_size);
        put_u32(image, header + nvs::page_crc_at, nvs::page_checksum(whole));
        for (std::uint32_t entry = 0; entry < nvs::entries_a_page; ++entry) {
            const std::size_t at = nvs::entry_place(page, entry);
            put_u32(image, at + nvs::crc_at,
                    nvs::entry_checksum(ByteView(image).subspan(at, nvs::entry_size)));
        }
    }
}

}  // namespace

void imprint::fuzz::run(ByteView input) {
    look(input);
    static_cast<void>(image_tool::parse_nvs_csv(input));
    Bytes image = sound_image();
    // Three bytes a change: where, and to what.
    for (std::size_t i = 0; i + 3 <= input.size(); i += 3)
        image[(input[i] | input[i + 1] << 8) % image.size()] = input[i + 2];
    look(image);
    seal(image);
    look(image);
}
