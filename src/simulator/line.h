// The wire between a host's port and a board, with its bridge: when bytes arrive.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "simulator/timings.h"
#include "simulator/uart.h"

namespace imprint::simulator {

class Line {
  public:
    explicit Line(const Timings& timings) : timings_(timings) {}

    // When the first bit of the host's next write is sent. Each following byte takes byte_time().
    [[nodiscard]] Instant send_down(std::size_t bytes, std::uint32_t baud, Instant now);

    [[nodiscard]] Nanoseconds byte_time(std::uint32_t baud) const {
        return timings_.wire ? on_the_wire(1, baud) : Nanoseconds(0);
    }

    // The board has sent this; `host_baud` determines whether the host understands it.
    void send_up(const Uart::Chunk& chunk, std::uint32_t host_baud);
    // What has reached the host by then.
    [[nodiscard]] Bytes take(Instant now);
    [[nodiscard]] std::optional<Instant> next_arrival() const;
    [[nodiscard]] std::size_t waiting() const;

    void clear() { up_.clear(); }

  private:
    struct Arrival {
        Instant at;
        Bytes bytes;
    };

    Timings timings_;
    Instant down_free_;
    Instant up_free_;
    std::deque<Arrival> up_;
};

}  // namespace imprint::simulator
