#include "prepare/console.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace imprint::prepare {

namespace {

// ESP-IDF colours its log with ESC [ … m; boot noise at another baud rate gives any byte at all.
std::string printable(std::string_view raw) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const auto byte = static_cast<unsigned char>(raw[i]);
        if (byte == 0x1B && i + 1 < raw.size() && raw[i + 1] == '[') {
            while (i < raw.size() && raw[i] != 'm')
                ++i;
        } else if (byte >= 0x20 && byte != 0x7F) {
            text += raw[i];
        }
    }
    return text;
}

// "E (123) tag: …": ESP-IDF's error level.
bool is_error_line(std::string_view line) {
    return line.starts_with("E (") || line.find("Guru Meditation") != std::string_view::npos ||
           line.find("invalid header") != std::string_view::npos;
}

// What the ROM or the second stage say when no program will ever run: nothing of the cloud's doing.
std::string mend_for(std::string_view last_error) {
    constexpr std::array<std::string_view, 8> never_started{"invalid header",
                                                            "load partition table error",
                                                            "exceeds flash chip size",
                                                            "No bootable app",
                                                            "chip revision check failed",
                                                            "in the binary image header",
                                                            "partition table error",
                                                            "not bootable"};
    const bool never = std::ranges::any_of(never_started, [&](std::string_view words) {
        return last_error.find(words) != std::string_view::npos;
    });
    return never ? "the program does not start: look at the firmware (bootloader, table, app and "
                   "the flash's size in its header) and at the flash chip"
                 : "look at the console (board_console events), the broker and the policy";
}

}  // namespace

Error in_loader() {
    return {ErrorKind::board,
            "board_in_loader",
            "the board was reset, and sits in its loader instead of its program",
            "its boot pin is held, or was when it was plugged in: let go of BOOT and press RESET "
            "(EN), or take its power away; then prepare it again",
            {}};
}

Result<std::string> await_console_line(transport::Port& port, const std::string& expected,
                                       Milliseconds patience, Clock& clock,
                                       const std::function<void(std::string_view)>& on_line,
                                       const std::stop_token& stop) {
    constexpr std::size_t longest_line = 4096;
    constexpr Milliseconds slice{100};
    const Instant deadline = clock.now() + patience;
    std::string pending;
    std::string last_line;
    std::string last_error;
    std::array<std::uint8_t, 1024> buffer{};
    while (clock.now() < deadline) {
        if (stop.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted",
                        "stopped while watching the console");
        IMPRINT_TRY(const std::size_t got, transport::read_across_resets(port, buffer, slice));
        pending.append(as_text(ByteView(buffer).first(got)));
        for (;;) {
            std::size_t end = pending.find('\n');
            if (end == std::string::npos && pending.size() < longest_line) break;
            end = std::min(end, pending.size() - 1);
            std::string line = printable(std::string_view(pending).substr(0, end));
            pending.erase(0, end + 1);
            if (line.empty()) continue;
            if (on_line) on_line(line);
            if (line.find(expected) != std::string::npos) return line;
            if (line.find("waiting for download") != std::string::npos)
                return std::unexpected(in_loader());
            last_line = line;
            if (is_error_line(line)) last_error = line;
        }
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience).count();
    if (last_line.empty())
        return fail(ErrorKind::board, "console_silent",
                    fmt::format("the board printed nothing in {} s after its reset", seconds),
                    "check that the firmware logs to this port at 115200 baud");
    return fail(ErrorKind::board, "console_unexpected",
                fmt::format("the board did not print \"{}\" in {} s; its last {} was: {}", expected,
                            seconds, last_error.empty() ? "line" : "error",
                            last_error.empty() ? last_line : last_error),
                mend_for(last_error));
}

}  // namespace imprint::prepare
