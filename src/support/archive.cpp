#include "support/archive.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <zlib.h>

namespace imprint::support {

namespace {

constexpr std::size_t block = 512;

void put(std::string& header, std::size_t at, std::string_view text) {
    std::memcpy(header.data() + at, text.data(), text.size());
}

// Offsets and widths: POSIX.1-1988, 10.1.1.
std::string header_of(const std::string& name, std::size_t size, WallTime now) {
    std::string header(block, '\0');
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    put(header, 0, name);
    put(header, 100, "0000600");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, fmt::format("{:011o}", size));
    // A clock before 1970 has no number here.
    put(header, 136, fmt::format("{:011o}", std::max<std::int64_t>(seconds, 0)));
    put(header, 148, "        ");  // counts as blanks in the sum
    put(header, 156, "0");
    put(header, 257,
        std::string_view("ustar\0"
                         "00",
                         8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    put(header, 148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    return header;
}

std::string compressed(const std::string& bytes) {
    z_stream stream{};
    // 16: with gzip's header in place of zlib's.
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
                       Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out(::deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (ended != Z_STREAM_END) throw std::logic_error("zlib did not take its own bound");
    return out;
}

}  // namespace

std::string pack(const std::string& folder, const std::vector<PackedFile>& files, WallTime now) {
    std::string tar;
    for (const auto& file : files) {
        tar += header_of(folder + "/" + file.name, file.text.size(), now);
        tar += file.text;
        tar.resize((tar.size() + block - 1) / block * block, '\0');
    }
    tar.append(2 * block, '\0');
    return compressed(tar);
}

}  // namespace imprint::support
