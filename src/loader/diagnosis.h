// Diagnoses from the received data why no loader answers.
// Source: esptool docs/en/advanced-topics/boot-mode-selection.rst ("Boot Log").
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::loader {

struct SilentBoard {
    std::string port;
    std::string_view heard;  // all input that was no answer
    unsigned attempts = 0;
    bool was_reset = false;  // through DTR and RTS
    bool was_late = false;   // other events were late (lateness.h)
};

// The hint for a board that seems silent when other events were late (lateness.h): then silence, or
// a reset that was not seen, says little about the wiring.
[[nodiscard]] std::string hint_where_all_is_late(std::string_view otherwise);

// board_silent: not a byte was heard; else no_board. Both of kind board, with a hint where to look.
[[nodiscard]] Error no_board(const SilentBoard& board);

}  // namespace imprint::loader
