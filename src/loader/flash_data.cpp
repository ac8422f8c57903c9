#include "loader/flash_data.h"

#include <algorithm>
#include <cstdlib>
#include <libdeflate.h>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <zlib.h>

#include "base/secret.h"

namespace imprint::loader {

namespace {

// libdeflate's best: 2 to 3 % less than zlib's 9, at 0.4 s for an app of a megabyte, once for all
// boards.
constexpr int best_compression = 12;
// For one board's sparse image: of the same size within bytes, in a fortieth of the time, and
// without megabytes of tables for each sector.
constexpr int quick_compression = 9;
constexpr std::size_t step = 1024;
constexpr std::size_t page = 256;
// So many blank bytes take a chip longer to inflate and program (0.4 ms a page and 0.4 ms a KB)
// than one more round trip takes a host.
constexpr std::uint32_t shortest_gap = 2048;
// Slices are kept until they are together so many times the size of what they are slices of.
constexpr std::size_t most_sliced = 4;

// Copies into exactly enough memory, and wipes the source: a growing vector would leave what it
// held where it was.
Bytes move_exactly(Bytes&& from, std::size_t size, std::uint8_t filler) {
    Bytes to(size, filler);
    std::ranges::copy(ByteView(from).first(std::min(size, from.size())), to.begin());
    wipe(from);
    return to;
}

// libdeflate reads straight from the content: unlike zlib's deflate it keeps no copy to wipe. Its
// tables are large: one for all pieces.
class Compressor {
  public:
    explicit Compressor(DataOf whose)
        : native_(libdeflate_alloc_compressor(whose == DataOf::all_boards ? best_compression
                                                                          : quick_compression),
                  libdeflate_free_compressor) {
        if (!native_) throw std::bad_alloc();
    }

    [[nodiscard]] Bytes compress(ByteView content) {
        Bytes bound(libdeflate_zlib_compress_bound(native_.get(), content.size()));
        const std::size_t size = libdeflate_zlib_compress(
            native_.get(), content.data(), content.size(), bound.data(), bound.size());
        if (size == 0) throw std::logic_error("libdeflate's bound does not hold");
        return move_exactly(std::move(bound), size, 0);
    }

  private:
    std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> native_;
};

// zlib's window holds content: wiped before it is freed. The size stands in front of each piece.
constexpr std::size_t piece_header = alignof(std::max_align_t);

void* allocate_piece(void* /*opaque*/, unsigned count, unsigned size) {
    const std::size_t bytes = static_cast<std::size_t>(count) * size;
    auto* memory = static_cast<std::uint8_t*>(std::malloc(piece_header + bytes));
    if (memory == nullptr) return nullptr;
    ::new (memory) std::size_t(bytes);
    return memory + piece_header;
}

void free_piece(void* /*opaque*/, void* piece) {
    std::uint8_t* memory = static_cast<std::uint8_t*>(piece) - piece_header;
    wipe({memory, piece_header + *std::launder(reinterpret_cast<std::size_t*>(memory))});
    std::free(memory);
}

// The one thing that libdeflate cannot do: inflate a stream piece by piece, and say how far it is.
std::vector<std::uint32_t> measure(ByteView compressed) {
    z_stream stream{};
    stream.zalloc = allocate_piece;
    stream.zfree = free_piece;
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    Bytes output(32768);
    std::vector<std::uint32_t> inflated{0};
    while (!compressed.empty()) {
        const ByteView input = compressed.first(std::min(step, compressed.size()));
        compressed = compressed.subspan(input.size());
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        do {
            stream.next_out = output.data();
            stream.avail_out = static_cast<uInt>(output.size());
            const int result = inflate(&stream, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                throw std::logic_error("libdeflate's stream does not inflate");
        } while (stream.avail_out == 0);
        inflated.push_back(static_cast<std::uint32_t>(stream.total_out));
    }
    wipe(output);
    inflateEnd(&stream);
    return inflated;
}

FlashPiece make_piece(ByteView content, std::uint32_t from, std::uint32_t size,
                      Compressor& compressor) {
    FlashPiece piece{from, size, static_cast<std::uint32_t>(round_up(size, flash_sector)), {}, {}};
    piece.compressed = compressor.compress(content.subspan(from, size));
    piece.inflated = measure(piece.compressed);
    return piece;
}

// How many bytes of a sector there are up to the last page that is not blank.
std::uint32_t used_part(ByteView sector) {
    const auto last = std::ranges::find_if(sector.rbegin(), sector.rend(),
                                           [](std::uint8_t byte) { return byte != 0xFF; });
    return static_cast<std::uint32_t>(
        round_up(static_cast<std::size_t>(sector.rend() - last), page));
}

std::vector<FlashPiece> cut(ByteView content, DataOf whose) {
    Compressor compressor(whose);
    std::vector<FlashPiece> pieces;
    std::uint32_t from = 0;
    std::uint32_t end = 0;  // of what is used so far, from `from` on; equal: nothing is
    const auto close = [&] {
        if (end > from) pieces.push_back(make_piece(content, from, end - from, compressor));
        end = from = 0;
    };
    for (std::uint32_t at = 0; at < content.size(); at += flash_sector) {
        const std::uint32_t used = used_part(content.subspan(at, flash_sector));
        if (used == 0) continue;
        if (end > from && at - end >= shortest_gap) close();
        if (end == from) from = at;
        end = at + used;
    }
    close();
    return pieces;
}

}  // namespace

FlashData::Data::~Data() {
    wipe(content);
    wipe(whole.compressed);
    for (FlashPiece& piece : pieces)
        wipe(piece.compressed);
}

FlashData::FlashData(std::string label, std::uint32_t offset, Bytes content, DataOf whose) {
    auto data = std::make_shared<Data>();
    data->label = std::move(label);
    data->offset = offset;
    data->whose = whose;
    const auto whole = static_cast<std::size_t>(round_up(content.size(), flash_sector));
    data->content = whole == content.size() ? std::move(content)
                                            : move_exactly(std::move(content), whole, 0xFF);
    data->pieces = cut(data->content, whose);
    data->md5 = imprint::md5(data->content);
    data_ = std::move(data);
}

const FlashPiece& FlashData::whole() const {
    std::call_once(data_->once, [this] {
        Compressor compressor(data_->whose);
        data_->whole = make_piece(content(), 0, size(), compressor);
    });
    return data_->whole;
}

std::uint32_t FlashPiece::inflated_by(std::size_t compressed_size) const {
    const std::size_t at = (compressed_size + step - 1) / step;
    return inflated[std::min(at, inflated.size() - 1)];
}

struct FlashData::Slice {
    std::once_flag once;
    std::optional<FlashData> data;
};

FlashData FlashData::slice(std::uint32_t from, std::uint32_t size) const {
    std::shared_ptr<Slice> slice;
    {
        const Lock lock(data_->mutex);
        auto& kept = data_->slices[{from, size}];
        if (!kept) {
            kept = std::make_shared<Slice>();
            data_->sliced += size;
        }
        slice = kept;
        // Boards that all differ from each other are not remembered for ever.
        if (data_->sliced > most_sliced * data_->content.size()) {
            data_->slices.clear();
            data_->sliced = 0;
        }
    }
    std::call_once(slice->once, [&] {
        const ByteView part = content().subspan(from, size);
        slice->data.emplace(label(), offset() + from, Bytes(part.begin(), part.end()),
                            data_->whose);
    });
    return *slice->data;
}

}  // namespace imprint::loader
