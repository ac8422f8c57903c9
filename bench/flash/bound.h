// The least time that a board needs, whoever flashes it: what the wire, the flash and the chip take
// for what has to be done, with nothing waiting for anything that it need not wait for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "loader/flash_data.h"
#include "simulator/timings.h"

namespace imprint::bench {

struct Bound {
    double reset = 0;  // EN held low, IO0 held behind it: Espressif's circuit needs both
    double stub = 0;   // on the wire, at full speed
    double wire = 0;   // what has to be sent, compressed and framed
    double flash = 0;  // erasing, programming and inflating, as far as the wire does not hide it
    double prove = 0;  // reading and hashing all of it once

    [[nodiscard]] double total() const { return reset + stub + wire + flash + prove; }
};

// `send`: what has to be written; `dirty`: bytes of it that have to be erased first; `all`: what
// has to be proven.
[[nodiscard]] Bound lower_bound(std::span<const loader::FlashData> send, std::uint32_t dirty,
                                std::span<const loader::FlashData> all,
                                const std::filesystem::path& stubs, std::uint32_t baud,
                                const simulator::Timings& timings);

}  // namespace imprint::bench
