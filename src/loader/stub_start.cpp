#include "loader/stub_start.h"

#include <algorithm>
#include <fmt/format.h>

#include "loader/chip_setup.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

constexpr std::uint32_t usual_block = 0x1800;

Result<void> load(Connection& link, std::uint32_t ram_block, std::uint32_t address,
                  ByteView bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const Transfer transfer{size, (size + ram_block - 1) / ram_block, ram_block, address};
    IMPRINT_CHECK(
        link.command(begin_request(Op::mem_begin, transfer, EncryptedWord::none), timing::usual));
    for (std::uint32_t sequence = 0; !bytes.empty(); ++sequence) {
        const ByteView block = bytes.first(std::min<std::size_t>(bytes.size(), ram_block));
        IMPRINT_CHECK(link.command(data_request(Op::mem_data, sequence, block), timing::usual));
        bytes = bytes.subspan(block.size());
    }
    return {};
}

Error failed(const Connection& link, std::string_view why) {
    return make_error(
        ErrorKind::board, "stub_failed",
        fmt::format("the stub flasher does not start on {}: {}", link.port().name(), why));
}

// The stub may take the UART over before the ROM's reply is out: what counts is its greeting, the
// one frame that is no reply (serial-protocol.rst, "Initialization").
Result<void> jump(Connection& link, std::uint32_t entry) {
    constexpr std::uint32_t start = 0;
    return link.send(request(Op::mem_end, {start, entry}).encode());
}

// esptool esptool/loader.py, run_stub: under secure boot the ESP32-S3's ROM does not jump, but
// READ_FLASH_SLOW calls a function whose address lies in RAM. Gives what was there, to be put back.
Result<std::uint32_t> jump_through(Connection& link, std::uint32_t hook, std::uint32_t entry) {
    constexpr std::uint32_t stay = 1;
    IMPRINT_CHECK(link.command(request(Op::mem_end, {stay, 0}), timing::usual));
    IMPRINT_TRY(const std::uint32_t former, link.read_register(hook));
    IMPRINT_CHECK(link.write_register(hook, entry));
    IMPRINT_CHECK(link.send(request(Op::read_flash_slow, {0, 0}).encode()));
    return former;
}

}  // namespace

Result<void> start_stub(Connection& link, const Chip& chip, const StubImage& stub,
                        std::uint32_t hook) {
    const std::uint32_t block = block_size(link, chip, usual_block);
    IMPRINT_CHECK(load(link, block, stub.text_start, stub.text));
    if (!stub.data.empty()) IMPRINT_CHECK(load(link, block, stub.data_start, stub.data));

    std::uint32_t former = 0;
    if (hook == 0) {
        IMPRINT_CHECK(jump(link, stub.entry));
    } else {
        IMPRINT_TRY(former, jump_through(link, hook, stub.entry));
    }
    for (int frames = 0; frames < 16; ++frames) {
        const auto frame = link.receive(timing::stub_greeting, 16);
        if (!frame && frame.error().is("board_lost"))
            return std::unexpected(failed(link, "no greeting came"));
        if (!frame) return std::unexpected(frame.error());
        if (as_text(*frame) == "OHAI") {
            link.set_kind(LoaderKind::stub);
            if (hook != 0) IMPRINT_CHECK(link.write_register(hook, former));
            return {};
        }
        auto reply = decode_reply(*frame);
        if (!reply || (reply->op != Op::mem_end && reply->op != Op::read_flash_slow)) continue;
        split_status(*reply);
        if (reply->error != 0)
            return std::unexpected(failed(link, "the ROM says " + describe_error(reply->error)));
    }
    return std::unexpected(failed(link, "something else came instead of its greeting"));
}

// esptool-legacy-flasher-stub flasher_stub/stub_flasher.c, cmd_loop: FF; esp-flasher-stub
// src/command_handler.c, handle_command: C3.
Result<bool> is_former_stub(Connection& link) {
    constexpr std::uint8_t not_implemented = 0xFF;
    IMPRINT_TRY(const Reply reply, link.ask(request(Op::read_flash_slow, {0, 0}), timing::usual));
    return reply.error == not_implemented;
}

}  // namespace imprint::loader
