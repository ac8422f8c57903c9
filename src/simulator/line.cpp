#include "simulator/line.h"

#include <algorithm>

namespace imprint::simulator {

namespace {

Instant::duration steady(Nanoseconds time) {
    return std::chrono::duration_cast<Instant::duration>(time);
}

}  // namespace

Instant Line::send_down(std::size_t bytes, std::uint32_t baud, Instant now) {
    if (!timings_.wire) return now;
    const Instant begin = std::max(now, down_free_);
    down_free_ = begin + steady(on_the_wire(bytes, baud));
    return begin;
}

void Line::send_up(const Uart::Chunk& chunk, std::uint32_t host_baud) {
    Arrival arrival{chunk.at,
                    same_baud(host_baud, chunk.baud) ? chunk.bytes : garbled(chunk.bytes)};
    if (timings_.wire) {
        up_free_ =
            std::max(up_free_, chunk.at) + steady(on_the_wire(chunk.bytes.size(), chunk.baud));
        arrival.at = up_free_ + steady(timings_.turnaround);
    }
    up_.push_back(std::move(arrival));
}

Bytes Line::take(Instant now) {
    Bytes arrived;
    while (!up_.empty() && (!timings_.wire || up_.front().at <= now)) {
        append(arrived, up_.front().bytes);
        up_.pop_front();
    }
    return arrived;
}

std::optional<Instant> Line::next_arrival() const {
    if (up_.empty()) return std::nullopt;
    return up_.front().at;
}

std::size_t Line::waiting() const {
    std::size_t bytes = 0;
    for (const auto& arrival : up_)
        bytes += arrival.bytes.size();
    return bytes;
}

}  // namespace imprint::simulator
