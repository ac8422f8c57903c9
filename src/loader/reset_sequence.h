// How DTR and RTS bring a chip into its loader.
// Source: esptool docs/en/advanced-topics/boot-mode-selection.rst ("Automatic Bootloader") and
// esptool/reset.py; delays as esptool has them.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "transport/port.h"

namespace imprint::loader {

// One change of both lines, and how long they are held.
struct ResetStep {
    transport::Lines lines;
    Milliseconds hold{0};
};

using ResetSequence = std::vector<ResetStep>;

// The sequences to try in turn, repeatedly, until the loader answers.
[[nodiscard]] std::vector<ResetSequence> loader_resets(const transport::PortTraits& traits);

// Restarts the chip into what is in flash.
[[nodiscard]] ResetSequence run_reset(const transport::PortTraits& traits);

}  // namespace imprint::loader
