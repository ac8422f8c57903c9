#include "loader/flash_read.h"

#include <algorithm>
#include <fmt/format.h>

#include "loader/flash_write.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t packet = 0x1000;
// The stub sends one packet at a time whatever is asked for, but counts on this number
// (esp-flasher-stub src/command_handler.c, s_read_flash_post_process).
constexpr std::uint32_t packets_in_flight = 64;
// READ_FLASH_SLOW always answers with this much.
constexpr std::uint32_t slow_packet = 64;

std::unexpected<Error> broken(const Connection& link, std::string_view why) {
    return fail(ErrorKind::board, "loader_refused",
                fmt::format("reading the flash on {} broke off: {}", link.port().name(), why));
}

// serial-protocol.rst, "Reading Flash": raw frames of data, each acknowledged with the number of
// bytes that have come so far, and the MD5 of it all last.
Result<Bytes> read_by_stub(Connection& link, std::uint32_t offset, std::uint32_t size,
                           const Progress& progress) {
    IMPRINT_CHECK(link.command(request(Op::read_flash, {offset, size, packet, packets_in_flight}),
                               timing::usual));
    Bytes content;
    content.reserve(size);
    while (content.size() < size) {
        IMPRINT_TRY(const Bytes part, link.receive(timing::usual, packet));
        const std::size_t expected = std::min<std::size_t>(packet, size - content.size());
        if (part.size() != expected)
            return broken(link, fmt::format("{} bytes came where {} were due, after {} of {}",
                                            part.size(), expected, content.size(), size));
        append(content, part);
        Bytes acknowledgement;
        append_u32(acknowledgement, static_cast<std::uint32_t>(content.size()));
        IMPRINT_CHECK(link.send(acknowledgement));
        report(progress, content.size(), size);
    }
    IMPRINT_TRY(const Bytes digest, link.receive(timing::usual, sizeof(Md5)));
    if (!std::ranges::equal(digest, md5(content))) return broken(link, "its MD5 is another one");
    return content;
}

Result<Bytes> read_by_rom(Connection& link, std::uint32_t offset, std::uint32_t size,
                          const Progress& progress) {
    Bytes content;
    content.reserve(size);
    while (content.size() < size) {
        const auto at = offset + static_cast<std::uint32_t>(content.size());
        const auto want =
            std::min<std::uint32_t>(slow_packet, size - static_cast<std::uint32_t>(content.size()));
        IMPRINT_TRY(const Reply reply, link.command(request(Op::read_flash_slow, {at, want}),
                                                    timing::usual, {slow_packet}));
        append(content, ByteView(reply.data).first(want));
        report(progress, content.size(), size);
    }
    IMPRINT_TRY(const Md5 digest, read_md5(link, offset, size));
    if (digest != md5(content)) return broken(link, "its MD5 is another one");
    return content;
}

}  // namespace

Result<Bytes> read_region(Connection& link, std::uint32_t offset, std::uint32_t size,
                          const Progress& progress) {
    return link.kind() == LoaderKind::stub ? read_by_stub(link, offset, size, progress)
                                           : read_by_rom(link, offset, size, progress);
}

}  // namespace imprint::loader
