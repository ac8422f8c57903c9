// A flash chip's own registers, as its commands reach them over SPI: status, write protection,
// SFDP, id.
// Source: W25Q32JV datasheet (revision G), "Status Registers" and "Instructions"; JESD216 for SFDP.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace imprint::simulator {

class Flash;

// Status registers 1 to 3. Their bits are kept over resets of the chip that uses it.
class FlashStatus {
  public:
    // Fault: what is protected stays so, for the pin WP# is held low.
    void lock() {
        bits_[0] = status_protected | all_blocks;
        locked_ = true;
    }

    [[nodiscard]] std::uint8_t get(std::size_t number) const { return bits_.at(number); }

    void set(std::size_t number, std::uint8_t bits) {
        if (!locked_) bits_.at(number) = bits;
    }

    // What a loader does before it writes or erases: it takes the protection away, if it can.
    void unlock() { set(0, bits_[0] & ~protection); }

    // Whether that address of a flash of `size` bytes takes neither data nor an erase.
    [[nodiscard]] bool protects(std::uint32_t at, std::uint32_t size) const;

  private:
    static constexpr std::uint8_t all_blocks = 7U << 2;                             // BP0 to BP2
    static constexpr std::uint8_t from_bottom = 1U << 5;                            // TB
    static constexpr std::uint8_t protection = all_blocks | from_bottom | 1U << 6;  // SEC
    static constexpr std::uint8_t status_protected = 1U << 7;                       // SRP

    std::array<std::uint8_t, 3> bits_{};
    bool locked_ = false;
};

// The bytes that RDSFDP reads: header, one parameter header, and the basic table of a flash of that
// size; ones behind it.
[[nodiscard]] Bytes sfdp_of(std::uint32_t size);

}  // namespace imprint::simulator
