#include "loader/connect.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "loader/identify.h"
#include "loader/reset.h"

namespace imprint::loader {

namespace {

constexpr Milliseconds patience{3000};

// One SYNC; the ROM answers it eight times.
Result<std::optional<Synced>> sync_once(Link& link) {
    auto answer = link.exchange(Op::sync, sync_data(), Milliseconds(100));
    if (!answer) {
        if (answer.error().code == "board_lost") return std::optional<Synced>{};
        return std::unexpected(std::move(answer).error());
    }
    if (answer->status.failed) return std::optional<Synced>{};
    // serial-protocol.rst, SYNC: the ROM's value is not zero, the stub's is.
    const Synced synced{answer->reply.value == 0};
    IMPRINT_CHECK(link.drain(Milliseconds(20)));
    return synced;
}

std::unexpected<Error> no_board(Link& link, bool reset_tried) {
    const std::string_view seen = as_text(link.stray());
    const auto shows = [seen](std::string_view word) {
        return seen.find(word) != std::string_view::npos;
    };
    const std::string& port = link.port().name();
    if (shows("boot:") || shows("rst:") || shows("I ("))
        return fail(ErrorKind::board, "no_board",
                    fmt::format("the board on {} runs its program instead of its loader", port),
                    "hold BOOT (IO0) while pressing EN, or check the wires from DTR and RTS");
    if (!seen.empty())
        return fail(ErrorKind::board, "no_board",
                    fmt::format("something answers on {}, but it is no ESP32 loader", port),
                    "check that the right device is plugged in");
    return fail(ErrorKind::board, "no_board", fmt::format("no board answers on {}", port),
                reset_tried ? "check that a board is plugged in and has power, and its TX and RX"
                            : "put the board into its loader: hold BOOT (IO0) while pressing EN");
}

constexpr std::array<ResetKind, 4> bridge_resets = {ResetKind::tight, ResetKind::tight_slow,
                                                    ResetKind::classic, ResetKind::classic_slow};

Result<void> upload(Link& link, std::uint32_t address, ByteView content) {
    constexpr std::uint32_t block_size = 0x1800;
    const auto blocks = static_cast<std::uint32_t>((content.size() + block_size - 1) / block_size);
    IMPRINT_CHECK(
        link.ask(Op::mem_begin,
                 words({static_cast<std::uint32_t>(content.size()), blocks, block_size, address}),
                 patience));
    for (std::uint32_t i = 0; i < blocks; ++i) {
        const std::size_t at = static_cast<std::size_t>(i) * block_size;
        const ByteView block =
            content.subspan(at, std::min<std::size_t>(block_size, content.size() - at));
        IMPRINT_CHECK(link.ask(Op::mem_data, block_data(block, i), patience, 0, checksum(block)));
    }
    return {};
}

// The ESP32's ROM derives the UART clock from a measurement of its crystal against an RC oscillator
// that may be off by some percent; asked for the rate multiplied by the same error, it sets the
// right one. Registers: ESP32 TRM, TIMG_RTCCALICFG1; eFuse block 0 word 4, CK8M_FREQ.
Result<std::uint32_t> esp32_rom_baud(Link& link, std::uint32_t baud) {
    constexpr std::uint32_t calibration = 0x3FF5F06C;
    constexpr std::uint32_t efuse_word_4 = 0x3FF5A010;
    IMPRINT_TRY(const std::uint32_t measured, read_register(link, calibration));
    IMPRINT_TRY(const std::uint32_t word4, read_register(link, efuse_word_4));
    const double clock = (measured >> 7 & 0x1FFFFFF) * 15625.0 * (word4 & 0xFF) / 40.0;
    if (clock < 20e6 || clock > 50e6) return baud;  // nothing was measured
    const double crystal = clock > 33e6 ? 40e6 : 26e6;
    return static_cast<std::uint32_t>(baud * clock / crystal);
}

}  // namespace

Result<Synced> synchronise(Link& link, bool reset, unsigned attempts) {
    constexpr unsigned syncs_a_round = 5;
    const auto& traits = link.port().traits();
    const bool with_lines = reset && traits.has_lines;
    for (unsigned round = 0; round < attempts; ++round) {
        if (with_lines) {
            IMPRINT_CHECK(link.clear());
            IMPRINT_CHECK(reset_into_loader(
                link, traits.usb_serial_jtag ? ResetKind::usb_jtag : bridge_resets[round % 4]));
        }
        for (unsigned i = 0; i < syncs_a_round; ++i) {
            IMPRINT_TRY(const auto synced, sync_once(link));
            if (synced) return *synced;
            IMPRINT_CHECK(link.sleep(Milliseconds(50)));
        }
    }
    return no_board(link, with_lines);
}

Result<void> start_stub(Link& link, const Stub& stub) {
    constexpr std::string_view greeting = "OHAI";
    const auto started = [&]() -> Result<void> {
        IMPRINT_CHECK(upload(link, stub.text_start, stub.text));
        if (!stub.data.empty()) IMPRINT_CHECK(upload(link, stub.data_start, stub.data));
        // The ROM may jump before its reply is out: only the greeting counts.
        IMPRINT_CHECK(link.send_frame(make_request(Op::mem_end, words({0, stub.entry}))));
        const Instant deadline = link.clock().now() + patience;
        while (link.clock().now() < deadline) {
            IMPRINT_TRY(const Bytes frame, link.receive_frame(patience));
            if (as_text(frame) == greeting) return {};
        }
        return fail(ErrorKind::board, "board_lost", "no greeting came");
    }();
    if (started) return {};
    const Error& error = started.error();
    if (error.code != "board_lost" && error.code != "command_refused")
        return std::unexpected(error);
    return fail(ErrorKind::board, "stub_failed",
                fmt::format("the stub flasher did not start: {}", error.message));
}

Result<void> change_baud(Link& link, const Chip& chip, bool stub, std::uint32_t from,
                         std::uint32_t to) {
    if (from == to || !link.port().traits().has_baud) return {};
    std::uint32_t asked = to;
    if (!stub && chip.id == 0) {
        IMPRINT_TRY(asked, esp32_rom_baud(link, to));
    }
    IMPRINT_CHECK(link.ask(Op::change_baudrate, words({asked, stub ? from : 0}), patience));
    IMPRINT_CHECK(link.port().set_baud(to));
    // The board changes over after its reply is out; what comes meanwhile is noise.
    IMPRINT_CHECK(link.sleep(Milliseconds(50)));
    IMPRINT_CHECK(link.clear());
    IMPRINT_TRY(const std::uint32_t probe, read_register(link, magic_register));
    static_cast<void>(probe);
    return {};
}

}  // namespace imprint::loader
