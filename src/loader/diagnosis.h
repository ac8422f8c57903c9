// Why does no loader answer? From what came instead.
// Source: esptool docs/en/advanced-topics/boot-mode-selection.rst ("Boot Log").
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::loader {

struct SilentBoard {
    std::string port;
    std::string_view heard;  // all that came and was no answer
    unsigned attempts = 0;
    bool was_reset = false;  // through DTR and RTS
    bool was_late = false;   // other things were (lateness.h)
};

// The hint for a board that seems silent where other things were late (lateness.h): silence, or a
// reset that was not seen, says little about wires then.
[[nodiscard]] std::string hint_where_all_is_late(std::string_view otherwise);

// no_board (kind board), with what to look at.
[[nodiscard]] Error no_board(const SilentBoard& board);

}  // namespace imprint::loader
