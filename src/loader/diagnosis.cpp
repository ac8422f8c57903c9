#include "loader/diagnosis.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace imprint::loader {

namespace {

bool is_printable(char c) {
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t' || c == '\x1B';
}

bool is_text(std::string_view bytes) {
    const auto printable = std::ranges::count_if(bytes, is_printable);
    return static_cast<std::size_t>(printable) * 10 >= bytes.size() * 9;
}

// The last "boot:0x13 (SPI_FAST_FLASH_BOOT)" in the ROM's log, without what follows the bracket.
std::optional<std::string_view> boot_mode(std::string_view log) {
    const std::size_t start = log.rfind("boot:0x");
    if (start == std::string_view::npos) return std::nullopt;
    const std::string_view rest = log.substr(start + 5);
    const std::size_t bracket = rest.find(')');
    const std::size_t line = rest.find_first_of("\r\n");
    const std::size_t length = bracket < line ? bracket + 1 : std::min(line, rest.size());
    return rest.substr(0, std::min<std::size_t>(length, 60));
}

Error make(std::string message, std::string hint) {
    return make_error(ErrorKind::board, "no_board", std::move(message), std::move(hint));
}

constexpr std::string_view to_loader_by_hand =
    "hold the BOOT button (IO0 to ground) while you press and release EN";

bool holds(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

// The body of SYNC (protocol.h): nothing else sends as many of this byte. ESP-IDF's and the ROM's
// line editors leave out the control characters in front.
constexpr std::string_view sync_body = "UUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU";

// ESP-IDF components/esp_system/port/brownout.c; the ROM's reset reason.
constexpr std::array<std::string_view, 2> brown_out{"BROWN_OUT", "Brownout detector"};

// ESP8266 ROM: "ets Jan  8 2013,rst cause:1, boot mode:(3,6)" (esptool docs/en/advanced-topics/
// boot-mode-selection.rst).
constexpr std::string_view esp8266_log = "rst cause:";

// More than EN's capacitor bridges.
constexpr Milliseconds too_far_apart{15};

// What is heard of boards that the advice on wiring would lead astray.
std::optional<Error> by_known_words(const SilentBoard& board) {
    const std::string_view heard = board.heard;
    if (holds(heard, sync_body))
        return make(
            fmt::format("what was sent to {} came back: an echo, and no answer", board.port),
            fmt::format("check that TX and RX are not joined; a chip with a blank flash may "
                        "echo too (its ROM's BASIC, or a console): then {}",
                        to_loader_by_hand));
    if (std::ranges::any_of(brown_out, [&](std::string_view word) { return holds(heard, word); }))
        return make(
            fmt::format("the board on {} resets itself because its supply breaks down "
                        "(brown-out)",
                        board.port),
            "give it more current: another USB port or cable, a powered hub, a supply of its "
            "own; disconnect what else it feeds");
    if (holds(heard, esp8266_log))
        return make(fmt::format("the board on {} is an ESP8266, by its boot log", board.port),
                    "Imprint knows the ESP32 and the chips after it");
    return std::nullopt;
}

Error by_boot_mode(const SilentBoard& board, std::string_view mode) {
    std::string message = fmt::format(
        "the board on {} starts its program, not its loader: boot mode {}", board.port, mode);
    if (!board.was_reset) return make(std::move(message), std::string(to_loader_by_hand));
    if (board.lines_apart >= too_far_apart)
        return make(
            fmt::format(
                "{}; the terminal server took {} ms from DTR to RTS, so EN rises before IO0 "
                "is low",
                message, board.lines_apart.count()),
            fmt::format("let a server beside the board play the reset (esp_rfc2217_server), or use "
                        "a quicker one; or {}",
                        to_loader_by_hand));
    return make(
        std::move(message),
        fmt::format("check the wiring of DTR to IO0 and RTS to EN; or {}; if neither helps, "
                    "its loader may be switched off by eFuse",
                    to_loader_by_hand));
}

Error by_what_was_heard(const SilentBoard& board) {
    const std::string_view heard = board.heard;
    if (heard.empty())
        return make(
            fmt::format("nothing answers on {}, in {} attempts", board.port, board.attempts),
            fmt::format("check power, cable, and that TX and RX are not swapped; or {}",
                        to_loader_by_hand));
    if (auto known = by_known_words(board)) return *std::move(known);
    if (is_log_of_loader(heard))
        return make(fmt::format("the board on {} is in its loader but does not hear: no reply in "
                                "{} attempts",
                                board.port, board.attempts),
                    "check the line from the station's TX to the board's RX");
    if (const auto mode = boot_mode(heard)) return by_boot_mode(board, *mode);
    if (is_text(heard))
        return make(fmt::format("the board on {} runs its program and was not reset: {} bytes of "
                                "its console came instead of an answer",
                                board.port, heard.size()),
                    board.was_reset
                        ? fmt::format("check the wiring of RTS to EN and DTR to IO0; or {}",
                                      to_loader_by_hand)
                        : std::string(to_loader_by_hand));
    return make(
        fmt::format("{} bytes of noise came on {} instead of an answer", heard.size(), board.port),
        "check ground and cable; or another device is connected there");
}

}  // namespace

// esptool docs/en/advanced-topics/boot-mode-selection.rst: "waiting for download", and the names of
// the modes behind "boot:0x…".
bool is_log_of_loader(std::string_view log) {
    if (holds(log, "waiting for download")) return true;
    const auto mode = boot_mode(log);
    return mode && (holds(*mode, "(DOWNLOAD") || holds(*mode, "(UART_BOOT"));
}

Error with_other_user(Error error, std::string_view user) {
    if (user.empty()) return error;
    error.message +=
        fmt::format("; {} has the port open too, and may take what the board says", user);
    const std::string otherwise = error.shown_hint();
    error.hint = fmt::format("end {} and try again; if that does not help: {}", user, otherwise);
    // The silence is not the board's.
    if (error.is("board_silent")) error.code = ErrorCode("no_board").text();
    return error;
}

std::string hint_where_all_is_late(std::string_view otherwise) {
    return fmt::format(
        "this computer, or the network to the port, is too slow at the moment: end what keeps it "
        "busy, or prepare fewer boards at once; if that does not help, {}",
        otherwise);
}

Error no_board(const SilentBoard& board) {
    Error error = by_what_was_heard(board);
    // Where all is late, silence says nothing.
    if (board.heard.empty() && !board.was_late) error.code = ErrorCode("board_silent").text();
    if (!board.was_late) return error;
    error.message += "; other answers came late";
    error.hint = hint_where_all_is_late(error.hint);
    return error;
}

}  // namespace imprint::loader
