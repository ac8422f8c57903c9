#include "loader/stub_start.h"

#include <algorithm>
#include <fmt/format.h>

#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t ram_block = 0x1800;

Result<void> load(Connection& link, std::uint32_t address, ByteView bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const Transfer transfer{size, (size + ram_block - 1) / ram_block, ram_block, address};
    IMPRINT_CHECK(link.command(begin_request(Op::mem_begin, transfer, false), timing::usual));
    for (std::uint32_t sequence = 0; !bytes.empty(); ++sequence) {
        const ByteView block = bytes.first(std::min<std::size_t>(bytes.size(), ram_block));
        IMPRINT_CHECK(link.command(data_request(Op::mem_data, sequence, block), timing::usual));
        bytes = bytes.subspan(block.size());
    }
    return {};
}

Error failed(const Connection& link, std::string_view why) {
    return {ErrorKind::board,
            "stub_failed",
            fmt::format("the stub flasher does not start on {}: {}", link.port().name(), why),
            {},
            {}};
}

}  // namespace

Result<void> start_stub(Connection& link, const StubImage& stub) {
    IMPRINT_CHECK(load(link, stub.text_start, stub.text));
    if (!stub.data.empty()) IMPRINT_CHECK(load(link, stub.data_start, stub.data));

    // The stub may take the UART over before the ROM's reply is out: what counts is its greeting,
    // the one frame that is no reply (serial-protocol.rst, "Initialization").
    constexpr std::uint32_t start = 0;  // 1: stay in the loader
    IMPRINT_CHECK(link.send(request(Op::mem_end, {start, stub.entry}).encode()));
    for (int frames = 0; frames < 16; ++frames) {
        const auto frame = link.receive(timing::stub_greeting, 16);
        if (!frame && frame.error().code == "board_lost")
            return std::unexpected(failed(link, "no greeting came"));
        if (!frame) return std::unexpected(frame.error());
        if (as_text(*frame) == "OHAI") {
            link.set_kind(LoaderKind::stub);
            return {};
        }
        auto reply = decode_reply(*frame);
        if (!reply || reply->op != Op::mem_end) continue;
        split_status(*reply);
        if (reply->error != 0)
            return std::unexpected(failed(link, "the ROM says " + describe_error(reply->error)));
    }
    return std::unexpected(failed(link, "something else came instead of its greeting"));
}

}  // namespace imprint::loader
