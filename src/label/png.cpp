// PNG (W3C, Portable Network Graphics, third edition): one bit a dot, greyscale, with the size of a
// dot, so that it is printed as large as the label.

#include <algorithm>
#include <array>
#include <cmath>
#include <zlib.h>

#include "label/formats.h"

namespace imprint::label {

namespace {

void add_number(std::string& bytes, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>((number >> shift) & 0xFF);
}

void add_chunk(std::string& bytes, const std::string& kind, const std::string& data) {
    add_number(bytes, static_cast<std::uint32_t>(data.size()));
    const std::string summed = kind + data;
    bytes += summed;
    add_number(bytes,
               static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(summed.data()),
                                                static_cast<uInt>(summed.size()))));
}

}  // namespace

Result<std::string> png_of(const Bitmap& bitmap) {
    std::string rows;
    for (std::uint32_t y = 0; y < bitmap.height; ++y) {
        rows += '\0';  // no filter
        for (const char byte : bitmap.bytes.substr(y * bitmap.row_bytes(), bitmap.row_bytes()))
            rows += static_cast<char>(~static_cast<unsigned char>(byte));  // 1 is white
    }
    uLongf size = compressBound(rows.size());
    std::string packed(size, '\0');
    if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                  reinterpret_cast<const Bytef*>(rows.data()), rows.size(),
                  Z_BEST_COMPRESSION) != Z_OK)
        return fail(ErrorKind::config, "label_content", "the label cannot be compressed");
    packed.resize(size);

    std::string header;
    add_number(header, bitmap.width);
    add_number(header, bitmap.height);
    header += std::string("\x01\0\0\0\0", 5);  // a bit a dot, greyscale, not interlaced
    std::string dots;
    const auto dots_a_metre =
        static_cast<std::uint32_t>(std::lround(bitmap.dpi * 1000 / mm_an_inch));
    add_number(dots, dots_a_metre);
    add_number(dots, dots_a_metre);
    dots += '\x01';

    std::string bytes = "\x89PNG\r\n\x1A\n";
    add_chunk(bytes, "IHDR", header);
    add_chunk(bytes, "pHYs", dots);
    add_chunk(bytes, "IDAT", packed);
    add_chunk(bytes, "IEND", "");
    return bytes;
}

}  // namespace imprint::label
