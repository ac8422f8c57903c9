// The chip's UART0 as seen on the wire: what was sent, and at which rate.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "simulator/chip_time.h"

namespace imprint::simulator {

class Uart {
  public:
    struct Chunk {
        std::uint32_t baud = 0;
        Instant at;  // when the chip began to send it
        Bytes bytes;
    };

    explicit Uart(const ChipTime& time) : time_(&time) {}

    void send(ByteView bytes) {
        if (bytes.empty()) return;
        if (sent_.empty() || sent_.back().baud != baud_ || sent_.back().at != time_->cpu())
            sent_.push_back({baud_, time_->cpu(), {}});
        append(sent_.back().bytes, bytes);
    }

    // A rate of zero is ignored.
    void set_baud(std::uint32_t baud) {
        if (baud != 0) baud_ = baud;
    }

    [[nodiscard]] std::uint32_t baud() const { return baud_; }

    // What was sent since the last call, oldest first.
    [[nodiscard]] std::vector<Chunk> take() { return std::exchange(sent_, {}); }

  private:
    const ChipTime* time_;
    std::uint32_t baud_ = 115200;
    std::vector<Chunk> sent_;
};

// Whether a receiver at one rate understands a sender at the other. A UART tolerates about 3 %.
[[nodiscard]] constexpr bool same_baud(std::uint32_t a, std::uint32_t b) {
    const auto difference = a > b ? a - b : b - a;
    return static_cast<std::uint64_t>(difference) * 100 <= static_cast<std::uint64_t>(b) * 3;
}

// What arrives when the two rates differ: noise, the same each time.
[[nodiscard]] Bytes garbled(ByteView bytes);

}  // namespace imprint::simulator
