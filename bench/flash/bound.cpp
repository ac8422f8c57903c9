#include "flash/bound.h"

#include <algorithm>

#include "loader/stub.h"

namespace imprint::bench {

namespace {

double seconds(simulator::Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::uint64_t framed(ByteView bytes) {
    return bytes.size() + static_cast<std::uint64_t>(std::ranges::count_if(
                              bytes, [](std::uint8_t b) { return b == 0xC0 || b == 0xDB; }));
}

std::uint64_t used_pages(ByteView content) {
    std::uint64_t pages = 0;
    for (std::size_t at = 0; at < content.size(); at += 256) {
        const ByteView page = content.subspan(at, std::min<std::size_t>(256, content.size() - at));
        pages += std::ranges::all_of(page, [](std::uint8_t b) { return b == 0xFF; }) ? 0 : 1;
    }
    return pages;
}

}  // namespace

Bound lower_bound(std::span<const loader::FlashData> send, std::uint32_t dirty,
                  std::span<const loader::FlashData> all, const std::filesystem::path& stubs,
                  std::uint32_t baud, const simulator::Timings& timings) {
    Bound bound;
    bound.reset = 0.150;
    const auto stub = loader::load_stub(stubs, "esp32").value();
    bound.stub = seconds(simulator::on_the_wire(framed(stub.text) + framed(stub.data), baud));
    // One region after the other: what the wire does not hide of one, that of the next cannot.
    for (const auto& region : send) {
        simulator::Nanoseconds work{0};
        std::uint64_t bytes = 0;
        for (const auto& piece : region.pieces())
            bytes += framed(piece.compressed);
        const std::uint64_t pages = used_pages(region.content());
        work += timings.page_program * static_cast<std::int64_t>(pages) +
                timings.inflate_kb * static_cast<std::int64_t>(pages / 4);
        work += timings.sector_erase * static_cast<std::int64_t>(dirty % 0x10000 / 0x1000) +
                timings.block_erase * static_cast<std::int64_t>(dirty / 0x10000);
        const double wire = seconds(simulator::on_the_wire(bytes, baud));
        bound.wire += wire;
        bound.flash += std::max(0.0, seconds(work) - wire);
    }
    std::uint64_t size = 0;
    for (const auto& region : all)
        size += region.size();
    bound.prove =
        seconds((timings.read_kb + timings.hash_kb) * static_cast<std::int64_t>(size / 1024));
    return bound;
}

}  // namespace imprint::bench
