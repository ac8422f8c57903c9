// Diagnoses from the received data why no loader answers.
// Source: esptool docs/en/advanced-topics/boot-mode-selection.rst ("Boot Log").
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::loader {

struct SilentBoard {
    std::string port;
    std::string_view heard;  // all input that was no answer
    unsigned attempts = 0;
    bool was_reset = false;  // through DTR and RTS
    bool was_late = false;   // other events were late (lateness.h)
    // How long after DTR a server at the other end of a network changes RTS; 0: at once.
    Milliseconds lines_apart{0};
};

// Whether a boot log is that of the loader, and not of a program.
[[nodiscard]] bool is_log_of_loader(std::string_view log);

// The hint for a board that seems silent when other events were late (lateness.h): then silence, or
// a reset that was not seen, says little about the wiring.
[[nodiscard]] std::string hint_where_all_is_late(std::string_view otherwise);

// "…; minicom (process 815) has the port open too", with a hint to end it. Nobody: as it was.
[[nodiscard]] Error with_other_user(Error error, std::string_view user);

// board_silent: not a byte was heard; else no_board. Both of kind board, with a hint where to look.
[[nodiscard]] Error no_board(const SilentBoard& board);

}  // namespace imprint::loader
