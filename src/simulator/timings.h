// Durations of a board's operations. By default all are zero: as fast as the host.
#pragma once

#include <chrono>
#include <cstdint>

namespace imprint::simulator {

using Nanoseconds = std::chrono::nanoseconds;

struct Timings {
    // The flash chip.
    Nanoseconds page_program{0};  // 256 bytes
    Nanoseconds sector_erase{0};  // 4 KB
    Nanoseconds block_erase{0};   // 64 KB
    Nanoseconds chip_erase{0};
    // The chip while a stub is running, for each 1024 bytes.
    Nanoseconds read_kb{0};     // of flash into memory
    Nanoseconds hash_kb{0};     // MD5, in addition to reading
    Nanoseconds inflate_kb{0};  // per KB of output
    Nanoseconds command{0};     // overhead of any request
    // The connection to the host.
    bool wire = false;          // a byte takes its ten bits at the port's rate, in both directions
    Nanoseconds turnaround{0};  // from the end of a reply on the wire until the host has it

    // An ESP32 with a flash like Winbond's W25Q32JV, behind a USB bridge.
    //   flash: W25Q32JV datasheet (revision G), AC electrical characteristics, typical: tPP 0.4 ms,
    //     tSE 45 ms, tBE2 150 ms, tCE 10 s.
    //   chip: reading at 40 MHz over two lines is at most 10 MB/s (ESP32 Technical Reference
    //     Manual, SPI); hashing and inflating are estimates for the ROM's code at 160 MHz, about
    //     15 and 60 cycles per byte: they matter little compared to the wire.
    //   turnaround: 1 ms, the shortest latency timer of an FTDI bridge (AN232B-04), and a
    //     full-speed USB frame.
    [[nodiscard]] static constexpr Timings esp32_with_w25q32() {
        using namespace std::chrono_literals;
        return {.page_program = 400us,
                .sector_erase = 45ms,
                .block_erase = 150ms,
                .chip_erase = 10s,
                .read_kb = 102us,
                .hash_kb = 96us,
                .inflate_kb = 384us,
                .command = 20us,
                .wire = true,
                .turnaround = 1ms};
    }
};

// Ten bits per byte.
[[nodiscard]] constexpr Nanoseconds on_the_wire(std::uint64_t bytes, std::uint32_t baud) {
    if (baud == 0) return {};
    return Nanoseconds(static_cast<std::int64_t>(bytes * 10'000'000'000ULL / baud));
}

}  // namespace imprint::simulator
