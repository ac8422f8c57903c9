#include "loader/flash_write.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "base/secret.h"
#include "loader/chip_setup.h"
#include "loader/pipeline.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t rom_block = 0x400;
constexpr std::uint32_t encrypted_block = 0x4000;
// Damaged blocks that one BEGIN of the ROM stands.
constexpr std::uint32_t rom_spare_numbers = 64;
constexpr std::size_t adler_size = 4;
// The ROM inflates into this much, and programs all of it whenever it is full and at the end.
constexpr std::uint32_t rom_window = 0x8000;

EncryptedWord plain_word(const Chip& chip) {
    return chip.rom_encrypted_word ? EncryptedWord::plain : EncryptedWord::none;
}

std::uint32_t blocks_of(std::size_t bytes, std::uint32_t block) {
    return static_cast<std::uint32_t>((bytes + block - 1) / block);
}

// The blocks of one BEGIN to a ROM. It counts a damaged block too, and takes it again under the
// next number (seen on an ESP32's ROM in an emulator); nothing else is sent again.
class BlockSender {
  public:
    // spare_numbers: how many more numbers there are than blocks.
    BlockSender(Connection& link, Op op, std::uint32_t spare_numbers)
        : link_(&link), op_(op), spare_numbers_(spare_numbers) {}

    Result<void> send(ByteView block, Milliseconds patience) {
        for (int attempt = 1;; ++attempt) {
            Request message = data_request(op_, sequence_++, block);
            const auto reply = link_->ask(message, patience);
            wipe(message.data);
            if (!reply) return std::unexpected(reply.error());
            if (reply->error == 0) return {};
            const bool damaged = arrived_damaged(reply->error);
            if (damaged && attempt < block_attempts && spare_numbers_-- > 0) continue;
            return fail(ErrorKind::board,
                        damaged ? ErrorCode("line_damaged") : ErrorCode("loader_refused"),
                        fmt::format("the loader on {} refused block {}: {}", link_->port().name(),
                                    sequence_ - 1, describe_error(reply->error)));
        }
    }

  private:
    Connection* link_;
    Op op_;
    std::uint32_t spare_numbers_;
    std::uint32_t sequence_ = 0;
};

// The part of a region that fills whole windows, compressed. The ROM programs its window of 32 KB
// whole when the stream ends, with what the window held before: it would spill over what follows
// the region. So the stream goes without its Adler-32 and more blocks are announced than sent: the
// ROM then has programmed each full window, and waits. (Seen on an ESP32's ROM in an emulator;
// esptool does not compress for a ROM, esptool/cmds.py.)
Result<void> write_windows(Connection& link, const Chip& chip, const FlashData& region,
                           std::uint32_t size, const Progress& progress) {
    const ByteView stream = region.compressed().first(region.compressed().size() - adler_size);
    const std::uint32_t count = blocks_of(stream.size(), rom_block);
    const Transfer transfer{size, count + rom_spare_numbers + 1, rom_block, region.offset()};
    IMPRINT_CHECK(link.command(begin_request(Op::flash_defl_begin, transfer, plain_word(chip)),
                               timing::for_size(timing::erase_ms_per_mb, size)));
    BlockSender blocks(link, Op::flash_defl_data, rom_spare_numbers);
    std::uint32_t written = 0;
    for (std::uint32_t i = 0; i < count && written < size; ++i) {
        const std::size_t from = static_cast<std::size_t>(i) * rom_block;
        const ByteView block =
            stream.subspan(from, std::min<std::size_t>(rom_block, stream.size() - from));
        const std::uint32_t inflated = region.inflated(from + block.size());
        // What was inflated may stand in the window until a later block fills it.
        IMPRINT_CHECK(blocks.send(
            block, timing::for_size(timing::write_ms_per_mb, inflated - written + rom_window)));
        written = inflated;
        report(progress, std::min(written, size), region.size());
    }
    return {};
}

Result<void> write_uncompressed(Connection& link, const FlashData& region, std::uint32_t from,
                                EncryptedWord word, const Progress& progress) {
    const std::uint32_t size = region.size() - from;
    const Transfer transfer{size, blocks_of(size, rom_block), rom_block, region.offset() + from};
    IMPRINT_CHECK(link.command(begin_request(Op::flash_begin, transfer, word),
                               timing::for_size(timing::erase_ms_per_mb, size)));
    BlockSender blocks(link, Op::flash_data, rom_spare_numbers);
    for (std::uint32_t i = 0; i < transfer.blocks; ++i) {
        // Whole sectors are whole blocks.
        const std::uint32_t at = from + i * rom_block;
        IMPRINT_CHECK(blocks.send(region.content().subspan(at, rom_block),
                                  timing::for_size(timing::write_ms_per_mb, rom_block)));
        report(progress, at + rom_block, region.size());
    }
    return {};
}

Result<void> write_by_rom(Connection& link, const Chip& chip, const FlashData& region,
                          const Progress& progress) {
    std::uint32_t windows = region.size() / rom_window * rom_window;
    // Compression has to gain something, as a stream of random bytes does not.
    if (region.compressed().size() >= region.size()) windows = 0;
    if (windows > 0) IMPRINT_CHECK(write_windows(link, chip, region, windows, progress));
    if (windows < region.size())
        IMPRINT_CHECK(write_uncompressed(link, region, windows, plain_word(chip), progress));
    return {};
}

// Whole blocks, and at the end smaller ones: the stub is about three times as quick as the wire, so
// that each is written while the next one comes, and little is left to be waited for.
std::size_t next_block(std::size_t left, std::uint32_t block) {
    constexpr std::size_t least = 1024;
    if (left >= block + block / 2) return block;
    const std::size_t part = std::max(round_up(left * 2 / 3, least), std::uint64_t{least});
    return left <= 2 * least ? left : std::min<std::size_t>(part, block);
}

// What follows a BEGIN to the stub. inflated_by: how much of the content so many bytes of the
// stream make; written: so much of it the stub has in flash, or at hand.
Result<void> send_stream(Pipeline& pipeline, ByteView stream, std::uint32_t block_size,
                         const std::function<std::uint32_t(std::size_t)>& inflated_by,
                         const std::function<void(std::uint32_t)>& written) {
    std::uint32_t before = 0;
    std::uint32_t sequence = 0;
    for (std::size_t from = 0; from < stream.size();) {
        const ByteView block = stream.subspan(from, next_block(stream.size() - from, block_size));
        from += block.size();
        const std::uint32_t inflated = inflated_by(from);
        IMPRINT_CHECK(pipeline.send_block(data_request(Op::flash_defl_data, sequence++, block),
                                          timing::for_stub_block(inflated - before)));
        written(before);
        before = inflated;
    }
    return {};
}

Result<Milliseconds> write_by_stub(Connection& link, const Chip& chip, const FlashData& region,
                                   std::uint32_t largest_block, Milliseconds before,
                                   const Progress& progress) {
    const std::uint32_t stub_block = block_size(link, chip, largest_block);
    Pipeline pipeline(link, before);
    for (const FlashPiece& piece : region.pieces()) {
        const ByteView stream = piece.compressed;
        const Transfer transfer{piece.size, blocks_of(stream.size(), stub_block), stub_block,
                                region.offset() + piece.from};
        IMPRINT_CHECK(
            pipeline.send(begin_request(Op::flash_defl_begin, transfer, EncryptedWord::none)));
        IMPRINT_CHECK(send_stream(
            pipeline, stream, stub_block,
            [&piece](std::size_t sent) { return piece.inflated_by(sent); },
            [&](std::uint32_t done) { report(progress, piece.from + done, region.size()); }));
    }
    report(progress, region.size(), region.size());
    return pipeline.finish();
}

}  // namespace

Result<Milliseconds> write_region(Connection& link, const Chip& chip, const FlashData& region,
                                  const WriteHow& how, const Progress& progress) {
    if (region.size() == 0) return how.before;
    Milliseconds before = how.before;
    if (link.kind() == LoaderKind::rom) {
        IMPRINT_CHECK(write_by_rom(link, chip, region, progress));
        return Milliseconds(0);
    }
    const auto erase = [&](std::uint32_t from, std::uint32_t end) -> Result<void> {
        if (from == end) return {};
        return erase_region(link, chip, region.offset() + from, end - from,
                            std::exchange(before, Milliseconds(0)));
    };
    if (how.blanks == Blanks::erase) {
        std::uint32_t done = 0;
        for (const FlashPiece& piece : region.pieces()) {
            IMPRINT_CHECK(erase(done, piece.from));
            done = piece.from + piece.erase_size;
        }
        IMPRINT_CHECK(erase(done, region.size()));
    }
    return write_by_stub(link, chip, region, how.largest_block, before, progress);
}

Result<void> write_region_encrypted(Connection& link, const Chip& chip, const FlashData& region,
                                    const Progress& progress) {
    if (link.kind() == LoaderKind::rom)
        return write_uncompressed(link, region, 0, EncryptedWord::encrypted, progress);
    const std::uint32_t block = block_size(link, chip, encrypted_block);
    const ByteView stream = region.compressed();
    const Transfer transfer{region.size(), blocks_of(stream.size(), block), block, region.offset()};
    Pipeline pipeline(link, Milliseconds(0));
    IMPRINT_CHECK(
        pipeline.send(begin_request(Op::flash_defl_begin, transfer, EncryptedWord::encrypted)));
    IMPRINT_CHECK(send_stream(
        pipeline, stream, block, [&region](std::size_t sent) { return region.inflated(sent); },
        [&](std::uint32_t done) { report(progress, done, region.size()); }));
    IMPRINT_TRY(const Milliseconds working, pipeline.finish());
    // The error of the last block comes with the answer to whatever is asked next.
    IMPRINT_CHECK(read_md5(link, region.offset(), flash_sector, working));
    report(progress, region.size(), region.size());
    return {};
}

Result<void> prove_region(Connection& link, const FlashData& region, Milliseconds before) {
    IMPRINT_TRY(const Md5 found, read_md5(link, region.offset(), region.size(), before));
    if (found == region.md5()) return {};
    return fail(ErrorKind::board, "verify_failed",
                fmt::format("the flash at {:#x} holds something else than {} after writing: "
                            "MD5 {} for {}",
                            region.offset(), region.label(), to_hex(found), to_hex(region.md5())),
                "the flash chip may be worn out or badly soldered");
}

Result<Md5> read_md5(Connection& link, std::uint32_t offset, std::uint32_t size,
                     Milliseconds before) {
    // The ROM answers in hex digits, the stub in bytes.
    Md5 digest{};
    const bool in_hex = link.kind() == LoaderKind::rom;
    IMPRINT_TRY(const Reply reply,
                link.command(request(Op::spi_flash_md5, {offset, size, 0, 0}),
                             before + timing::for_size(timing::md5_ms_per_mb, size),
                             {in_hex ? 2 * digest.size() : digest.size()}));
    const auto bytes = in_hex ? from_hex(as_text(reply.data)) : std::optional(reply.data);
    if (!bytes || bytes->size() != digest.size())
        return fail(ErrorKind::board, "loader_refused",
                    fmt::format("the loader on {} gave no MD5 of flash at {:#x}",
                                link.port().name(), offset));
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

Result<void> erase_region(Connection& link, const Chip& chip, std::uint32_t offset,
                          std::uint32_t size, Milliseconds before) {
    const Milliseconds patience = before + timing::for_size(timing::erase_ms_per_mb, size);
    if (link.kind() == LoaderKind::stub) {
        IMPRINT_CHECK(link.command(request(Op::erase_region, {offset, size}), patience));
        return {};
    }
    // The ROM has no command for it, but erases what a write announces.
    const Transfer transfer{size, 0, rom_block, offset};
    IMPRINT_CHECK(
        link.command(begin_request(Op::flash_begin, transfer, plain_word(chip)), patience));
    return {};
}

}  // namespace imprint::loader
