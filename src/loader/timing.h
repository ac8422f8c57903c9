// The loader's timeouts. Every wait is bounded by one of these.
// Source: esptool esptool/loader.py (DEFAULT_TIMEOUT … MEM_END_ROM_TIMEOUT, timeout_per_mb) and
// esptool/cmds.py, _get_flash_defl_block_timeout.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace imprint::loader::timing {

inline constexpr Milliseconds usual{3000};
inline constexpr Milliseconds sync{100};
// If answers have come later than that (lateness.h).
inline constexpr Milliseconds longest_sync{1600};
inline constexpr Milliseconds between_syncs{50};
inline constexpr Milliseconds proof_of_boundary{500};
inline constexpr Milliseconds rom_mem_end{200};
inline constexpr Milliseconds stub_greeting{3000};
inline constexpr Milliseconds chip_erase{120'000};
inline constexpr Milliseconds unsupported_drain{200};
// Longer than a server takes for a reset that it plays (esp_rfc2217_server: 0.15 s, 0.65 with
// --r0).
inline constexpr Milliseconds played_reset{700};
// esptool esptool/reset.py allows 0.2 s for a chip that is its own USB device to leave the bus, and
// hosts take a second or two to enumerate it again.
inline constexpr Milliseconds usb_departure{500};
inline constexpr Milliseconds usb_return{5000};
// After CHANGE_BAUDRATE: esptool waits 50 ms for either. A ROM then sends delimiters at the new
// rate, which end the wait; a stub is silent, and switches within 10 ms (esp-stub-lib
// src/target/esp32/src/uart.c).
inline constexpr Milliseconds rom_baud_change{50};
inline constexpr Milliseconds stub_baud_change{20};

inline constexpr std::uint32_t md5_ms_per_mb = 8'000;
inline constexpr std::uint32_t erase_ms_per_mb = 40'000;
inline constexpr std::uint32_t write_ms_per_mb = 40'000;

// A megabyte is a million bytes here, as in esptool.
[[nodiscard]] constexpr Milliseconds for_size(std::uint32_t ms_per_mb, std::uint64_t bytes) {
    const std::uint64_t ms = ms_per_mb * bytes / 1'000'000;
    return std::max(usual, Milliseconds(static_cast<std::int64_t>(ms)));
}

// The stub inflates into 32 KB, and erases a 64 KB block before the first and each further filling:
// the wait for a block may include all these erases.
[[nodiscard]] constexpr Milliseconds for_stub_block(std::uint64_t inflated) {
    const std::uint64_t erases = (inflated + 0x7FFF) / 0x8000 + 1;
    return for_size(write_ms_per_mb, inflated + erases * 0x10000);
}

// The transmission time at ten bits per byte, plus half of it for what lies in between.
[[nodiscard]] constexpr Milliseconds on_the_wire(std::uint64_t bytes, std::uint32_t baud) {
    return Milliseconds(static_cast<std::int64_t>(bytes * 15'000 / std::max(baud, 1U)));
}

}  // namespace imprint::loader::timing
