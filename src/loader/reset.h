// Resets through DTR and RTS (espressif/esptool, docs "Boot Mode Selection" and esptool/reset.py:
// which line is moved when). D is DTR to IO0, R is RTS to EN; asserted pulls the pin low.
#pragma once

#include "base/error.h"
#include "loader/link.h"

namespace imprint::loader {

enum class ResetKind {
    tight,       // both lines at once
    tight_slow,  // for boards with a large capacitor at EN
    classic,
    classic_slow,
    usb_jtag,
};

// Into the ROM loader. Without lines nothing happens.
[[nodiscard]] Result<void> reset_into_loader(Link& link, ResetKind kind);
// Starts what is in flash.
[[nodiscard]] Result<void> hard_reset(Link& link);

}  // namespace imprint::loader
