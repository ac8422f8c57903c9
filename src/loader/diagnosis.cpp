#include "loader/diagnosis.h"

#include <algorithm>
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

Error by_what_was_heard(const SilentBoard& board) {
    const std::string_view heard = board.heard;
    if (heard.empty())
        return make(
            fmt::format("nothing answers on {}, in {} attempts", board.port, board.attempts),
            fmt::format("check power, cable, and that TX and RX are not swapped; or {}",
                        to_loader_by_hand));
    const auto mode = boot_mode(heard);
    if (heard.find("waiting for download") != std::string_view::npos)
        return make(fmt::format("the board on {} is in its loader but does not hear: no reply in "
                                "{} attempts",
                                board.port, board.attempts),
                    "check the line from the station's TX to the board's RX");
    if (mode)
        return make(
            fmt::format("the board on {} starts its program, not its loader: boot mode {}",
                        board.port, *mode),
            board.was_reset
                ? fmt::format("check the wiring of DTR to IO0 and RTS to EN; or {}; if neither "
                              "helps, its loader may be switched off by eFuse",
                              to_loader_by_hand)
                : std::string(to_loader_by_hand));
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
