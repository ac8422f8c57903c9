#include "loader/flash_data.h"

#include <libdeflate.h>
#include <memory>
#include <stdexcept>

#include "base/secret.h"

namespace imprint::loader {

namespace {

constexpr std::size_t sector = 4096;
// Beyond 6 the gain on firmware is a tenth of a percent, for three times the time.
constexpr int level = 6;

struct FreeCompressor {
    void operator()(libdeflate_compressor* compressor) const noexcept {
        libdeflate_free_compressor(compressor);
    }
};

Bytes compress(ByteView content) {
    const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
        libdeflate_alloc_compressor(level));
    if (!compressor) throw std::bad_alloc();
    Bytes stream(libdeflate_zlib_compress_bound(compressor.get(), content.size()));
    const std::size_t size = libdeflate_zlib_compress(compressor.get(), content.data(),
                                                      content.size(), stream.data(), stream.size());
    if (size == 0) throw std::logic_error("a bound that does not bound");
    stream.resize(size);
    return stream;
}

}  // namespace

FlashData::Data::~Data() {
    wipe(content);
    wipe(compressed);
}

FlashData::FlashData(std::string label, std::uint32_t offset, Bytes content) {
    auto data = std::make_shared<Data>();
    data->label = std::move(label);
    data->offset = offset;
    if (content.size() % sector == 0) {
        data->content = std::move(content);
    } else {
        // Into memory of its own, and the old wiped: growing in place would leave a copy behind.
        data->content.reserve(round_up(content.size(), sector));
        data->content = Bytes(round_up(content.size(), sector), 0xFF);
        std::copy(content.begin(), content.end(), data->content.begin());
        wipe(content);
    }
    data->compressed = compress(data->content);
    data->md5 = imprint::md5(data->content);
    data_ = std::move(data);
}

}  // namespace imprint::loader
