// How long the loader may take. Every wait is bounded by one of these.
// Source: esptool esptool/loader.py (DEFAULT_TIMEOUT … MEM_END_ROM_TIMEOUT, timeout_per_mb) and
// esptool/cmds.py, _get_flash_defl_block_timeout.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace imprint::loader::timing {

inline constexpr Milliseconds usual{3000};
inline constexpr Milliseconds sync{100};
// Where answers have come later than that (lateness.h).
inline constexpr Milliseconds longest_sync{1600};
inline constexpr Milliseconds between_syncs{50};
inline constexpr Milliseconds proof_of_boundary{500};
inline constexpr Milliseconds rom_mem_end{200};
inline constexpr Milliseconds stub_greeting{3000};
inline constexpr Milliseconds chip_erase{120'000};
inline constexpr Milliseconds unsupported_drain{200};
// esptool esptool/reset.py gives a chip that is its own USB device 0.2 s to leave the bus, and
// hosts take a second or two to name it again.
inline constexpr Milliseconds usb_departure{500};
inline constexpr Milliseconds usb_return{5000};
// After CHANGE_BAUDRATE: esptool waits 50 ms for either. A ROM then sends delimiters at the new
// rate, which end the waiting; a stub is silent, and changes over within 10 ms (esp-stub-lib
// src/target/esp32/src/uart.c).
inline constexpr Milliseconds rom_baud_change{50};
inline constexpr Milliseconds stub_baud_change{20};

inline constexpr std::uint32_t md5_ms_per_mb = 8'000;
inline constexpr std::uint32_t erase_ms_per_mb = 40'000;
inline constexpr std::uint32_t write_ms_per_mb = 40'000;

// A megabyte is a million here, as it is there.
[[nodiscard]] constexpr Milliseconds for_size(std::uint32_t ms_per_mb, std::uint64_t bytes) {
    const std::uint64_t ms = ms_per_mb * bytes / 1'000'000;
    return std::max(usual, Milliseconds(static_cast<std::int64_t>(ms)));
}

// The stub inflates into 32 KB, and starts the erase of a 64 KB block before the first and each
// further filling: these erases may all be waited for with the block.
[[nodiscard]] constexpr Milliseconds for_stub_block(std::uint64_t inflated) {
    const std::uint64_t erases = (inflated + 0x7FFF) / 0x8000 + 1;
    return for_size(write_ms_per_mb, inflated + erases * 0x10000);
}

// The wire's own time at ten bits a byte, and half as much again for what sits in between.
[[nodiscard]] constexpr Milliseconds on_the_wire(std::uint64_t bytes, std::uint32_t baud) {
    return Milliseconds(static_cast<std::int64_t>(bytes * 15'000 / std::max(baud, 1U)));
}

}  // namespace imprint::loader::timing
