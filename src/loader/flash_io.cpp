#include "loader/flash_io.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::loader {

namespace {

constexpr Milliseconds patience{3000};

// espressif/esptool, esptool/loader.py: 40 s for each MB that may have to be erased and written,
// 8 s for each MB that is hashed.
Milliseconds scaled(std::uint32_t bytes, int seconds_per_mb) {
    return std::max(patience, Milliseconds(static_cast<std::int64_t>(bytes) * seconds_per_mb *
                                           1000 / (1 << 20)));
}

Milliseconds write_patience(std::uint32_t bytes) {
    return scaled(bytes, 40) + patience;
}

std::uint32_t blocks_of(std::size_t size, std::uint32_t block) {
    return static_cast<std::uint32_t>((size + block - 1) / block);
}

}  // namespace

Result<void> begin_writing(Link& link, LoaderFacts& loader, Op op,
                           std::initializer_list<std::uint32_t> arguments, Milliseconds time) {
    constexpr std::uint8_t wrong_length = 0xC0;
    Bytes data = words(arguments);
    if (loader.takes_encrypted_word()) append_u32(data, 0);
    IMPRINT_TRY(Answer answer, link.exchange(op, data, time));
    const bool length = answer.status.code == wrong_length || answer.status.code == 0;
    if (answer.status.failed && length && loader.stub && !loader.four_words) {
        loader.four_words = true;
        IMPRINT_TRY(answer, link.exchange(op, words(arguments), time));
    }
    if (!answer.status.failed) return {};
    return fail(ErrorKind::board, "command_refused",
                fmt::format("the board refused {}: {}", to_string(op),
                            describe_status(answer.status.code)));
}

Result<void> attach_flash(Link& link, const LoaderFacts& loader) {
    // The ROM wants a second word ("is legacy"), and fails on a wrong size.
    const Bytes data = loader.stub ? words({0}) : words({0, 0});
    IMPRINT_CHECK(link.ask(Op::spi_attach, data, patience));
    return {};
}

Result<void> set_flash_size(Link& link, std::uint32_t size) {
    constexpr std::uint32_t block = 0x10000;
    constexpr std::uint32_t sector = 0x1000;
    constexpr std::uint32_t page = 0x100;
    constexpr std::uint32_t status_mask = 0xFFFF;
    IMPRINT_CHECK(
        link.ask(Op::spi_set_params, words({0, size, block, sector, page, status_mask}), patience));
    return {};
}

Result<Md5> flash_md5(Link& link, const LoaderFacts& loader, std::uint32_t offset,
                      std::uint32_t size) {
    const std::size_t expected = loader.stub ? 16 : 32;
    IMPRINT_TRY(const Reply reply, link.ask(Op::spi_flash_md5, words({offset, size, 0, 0}),
                                            scaled(size, 8) + write_patience(0), expected));
    std::optional<Bytes> digest;
    if (reply.data.size() >= expected) {
        const ByteView data = ByteView(reply.data).first(expected);
        digest = loader.stub ? Bytes(data.begin(), data.end()) : from_hex(as_text(data));
    }
    Md5 result{};
    if (!digest || digest->size() != result.size())
        return fail(ErrorKind::board, "board_lost", "the board's MD5 came damaged");
    std::ranges::copy(*digest, result.begin());
    return result;
}

Result<void> stream_compressed(Link& link, LoaderFacts& loader, const FlashData& region,
                               const Progress& progress) {
    const ByteView stream = region.compressed();
    const std::uint32_t block = loader.block_size();
    const std::uint32_t blocks = blocks_of(stream.size(), block);
    // The stub erases as it writes; the ROM erases all of it now, in whole blocks of its own.
    const auto size =
        loader.stub ? region.size() : static_cast<std::uint32_t>(round_up(region.size(), block));
    IMPRINT_CHECK(begin_writing(link, loader, Op::flash_defl_begin,
                                {size, blocks, block, region.offset()},
                                loader.stub ? patience : write_patience(region.size())));
    // A single compressed block may cause the erase and write of the whole region.
    const Milliseconds block_patience = write_patience(region.size());
    for (std::uint32_t i = 0; i < blocks; ++i) {
        const std::size_t at = static_cast<std::size_t>(i) * block;
        const ByteView part = stream.subspan(at, std::min<std::size_t>(block, stream.size() - at));
        constexpr int most_sendings = 3;
        for (int sending = 1;; ++sending) {
            IMPRINT_TRY(const Answer answer, link.exchange(Op::flash_defl_data, block_data(part, i),
                                                           block_patience, 0, checksum(part)));
            if (!answer.status.failed) break;
            // Sending a block again is safe only where it certainly was not taken.
            if (is_checksum_failure(answer.status.code) && sending < most_sendings) continue;
            return fail(ErrorKind::board, "command_refused",
                        fmt::format("the board refused block {} of {}: {}", i + 1, blocks,
                                    describe_status(answer.status.code)));
        }
        if (progress)
            progress(static_cast<std::uint64_t>(region.size()) * (at + part.size()) / stream.size(),
                     region.size());
    }
    return {};
}

namespace {

// serial-protocol.rst, READ_FLASH: data frames of one sector, each acknowledged by the number of
// bytes received so far, then a frame with their MD5.
Result<Bytes> read_by_stub(Link& link, std::uint32_t offset, std::uint32_t size,
                           const Progress& progress) {
    constexpr std::uint32_t sector = 4096;
    constexpr std::uint32_t most_in_flight = 64;
    IMPRINT_CHECK(
        link.ask(Op::read_flash, words({offset, size, sector, most_in_flight}), patience));
    Bytes content;
    content.reserve(size);
    while (content.size() < size) {
        IMPRINT_TRY(const Bytes part, link.receive_frame(patience));
        append(content, part);
        IMPRINT_CHECK(link.send_frame(words({static_cast<std::uint32_t>(content.size())})));
        if (progress) progress(content.size(), size);
    }
    IMPRINT_TRY(const Bytes digest, link.receive_frame(patience));
    if (content.size() != size || !std::ranges::equal(digest, md5(content)))
        return fail(ErrorKind::board, "read_damaged",
                    fmt::format("what was read from {:#x} came damaged", offset),
                    "try again, with a lower baud rate");
    return content;
}

// esp-serial-flasher, protocol: the ROM gives 64 bytes a request.
Result<Bytes> read_by_rom(Link& link, std::uint32_t offset, std::uint32_t size,
                          const Progress& progress) {
    constexpr std::uint32_t step = 64;
    Bytes content;
    content.reserve(size);
    while (content.size() < size) {
        const auto at = static_cast<std::uint32_t>(content.size());
        const std::uint32_t want = std::min(step, size - at);
        IMPRINT_TRY(const Reply reply,
                    link.ask(Op::read_flash_slow, words({offset + at, want}), patience, step));
        if (reply.data.size() < want)
            return fail(ErrorKind::board, "read_damaged", "the board gave too few bytes");
        append(content, ByteView(reply.data).first(want));
        if (progress) progress(content.size(), size);
    }
    return content;
}

}  // namespace

Result<Bytes> read_flash(Link& link, const LoaderFacts& loader, std::uint32_t offset,
                         std::uint32_t size, const Progress& progress) {
    if (size == 0) return Bytes{};
    return loader.stub ? read_by_stub(link, offset, size, progress)
                       : read_by_rom(link, offset, size, progress);
}

Result<void> erase_flash(Link& link, LoaderFacts& loader, std::uint32_t offset,
                         std::uint32_t size) {
    if (loader.stub) {
        IMPRINT_CHECK(link.ask(Op::erase_region, words({offset, size}), write_patience(size)));
        return {};
    }
    // The ROM has no erase of its own: beginning to write erases, and nothing need follow.
    return begin_writing(link, loader, Op::flash_begin,
                         {size, blocks_of(size, loader.block_size()), loader.block_size(), offset},
                         write_patience(size));
}

}  // namespace imprint::loader
