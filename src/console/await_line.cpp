#include "console/await_line.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <utility>

#include "console/line_reader.h"

namespace imprint::console {

namespace {

// "E (123) tag: …": ESP-IDF's error level.
bool is_error_line(std::string_view line) {
    return line.starts_with("E (") || line.find("Guru Meditation") != std::string_view::npos ||
           line.find("invalid header") != std::string_view::npos;
}

bool has_any(std::string_view line, std::span<const std::string_view> words) {
    return std::ranges::any_of(
        words, [line](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

// What a board says whose own network fails: it never came as far as the broker. esp-idf:
// examples/wifi/getting_started/station, examples/common_components/protocol_examples_common,
// components/esp-tls (a name that cannot be looked up).
constexpr std::array<std::string_view, 5> no_network{"no network", "retry to connect to the AP",
                                                     "connect to the AP fail", "stop reconnect",
                                                     "couldn't get hostname for"};

// The broker and the policy are looked at only where the board can have come so far.
std::string hint_for(std::string_view last_line, std::string_view last_error) {
    constexpr std::array<std::string_view, 8> never_started{"invalid header",
                                                            "load partition table error",
                                                            "exceeds flash chip size",
                                                            "No bootable app",
                                                            "chip revision check failed",
                                                            "in the binary image header",
                                                            "partition table error",
                                                            "not bootable"};
    // What the ROM or the second stage say when no program will ever run.
    if (has_any(last_error, never_started))
        return "the program does not start: look at the firmware (bootloader, table, app and "
               "the flash's size in its header) and at the flash chip";
    if (has_any(last_line, no_network) || has_any(last_error, no_network))
        return "the board has no network: look at the access point, the name and password of the "
               "Wi-Fi in its firmware, and the antenna; then prepare it again";
    return "look at what the board prints (imprint prepare -v shows it; with --json the "
           "board_console events), at the broker and at the policy";
}

}  // namespace

Error in_loader() {
    return make_error(
        ErrorKind::board, "board_in_loader",
        "the board was reset, and sits in its loader instead of its program",
        "its boot pin is held, or was when it was plugged in: let go of BOOT and press RESET "
        "(EN), or take its power away; then prepare it again");
}

Result<std::string> await_line(transport::Port& port, const std::string& expected,
                               Milliseconds patience, Clock& clock,
                               const std::function<void(std::string_view)>& on_line,
                               const std::stop_token& stop) {
    constexpr Milliseconds slice{100};
    const Instant deadline = clock.now() + patience;
    LineReader reader;
    std::string last_line;
    std::string last_error;
    // Nothing: the line is not the one that decides.
    const auto judge = [&](std::string line) -> std::optional<Result<std::string>> {
        if (line.empty()) return std::nullopt;
        if (on_line) on_line(line);
        if (line.find(expected) != std::string::npos) return line;
        if (line.find("waiting for download") != std::string::npos)
            return std::unexpected(in_loader());
        if (is_error_line(line)) last_error = line;
        last_line = std::move(line);
        return std::nullopt;
    };
    std::array<std::uint8_t, 1024> buffer{};
    // What is there when the time is up was printed in time, for all that a busy computer may have
    // kept this thread from looking. A bound, for a board that never pauses.
    constexpr int most_looks_behind = 64;
    for (int behind = 0; behind < most_looks_behind;) {
        const bool is_over = clock.now() >= deadline;
        if (is_over) ++behind;
        if (stop.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted",
                        "stopped while watching the console");
        IMPRINT_TRY(const std::size_t got,
                    transport::read_across_resets(port, buffer, is_over ? Milliseconds(0) : slice));
        if (is_over && got == 0) break;
        reader.take(ByteView(buffer).first(got));
        while (auto line = reader.next())
            if (auto decided = judge(std::move(line->text))) return *std::move(decided);
    }
    if (auto rest = reader.take_unfinished())
        if (auto decided = judge(std::move(rest->text))) return *std::move(decided);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience).count();
    if (last_line.empty())
        return fail(ErrorKind::board, "console_silent",
                    fmt::format("the board printed nothing in {} s after its reset", seconds),
                    "check that the firmware logs to this port at 115200 baud");
    return fail(ErrorKind::board, "console_unexpected",
                fmt::format("the board did not print \"{}\" in {} s; its last {} was: {}", expected,
                            seconds, last_error.empty() ? "line" : "error",
                            last_error.empty() ? last_line : last_error),
                hint_for(last_line, last_error));
}

}  // namespace imprint::console
