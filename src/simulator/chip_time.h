// The chip's own time: how far its CPU and its flash have got with their work. The effects of a
// request are computed at once, and only reported as completed later.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "simulator/timings.h"

namespace imprint::simulator {

class ChipTime {
  public:
    explicit ChipTime(const Timings& timings) : timings_(timings) {}

    [[nodiscard]] const Timings& timings() const { return timings_; }

    [[nodiscard]] bool counts() const { return timings_.wire; }

    // A byte arrives at that time. A CPU that waits for it continues from then.
    void byte_at(Instant time) { received_ = time; }

    [[nodiscard]] Instant received() const { return received_; }

    // The CPU has nothing to do until then.
    void idle_until(Instant time) { cpu_ = std::max(cpu_, time); }

    [[nodiscard]] Instant cpu() const { return cpu_; }

    // A frame whose first byte arrived at `began` is complete. False: both receive buffers were
    // full when it began, and it is lost. Otherwise the CPU handles it when it is free.
    [[nodiscard]] bool take_frame(Instant began) {
        if (began < spare_taken_until_) return false;
        if (cpu_ > received_)
            spare_taken_until_ = cpu_;
        else
            cpu_ = received_;
        spend(timings_.command);
        return true;
    }

    // EN went low: the CPU's work is aborted. The flash continues with its operation.
    void reset(Instant now) { cpu_ = spare_taken_until_ = now; }

    void spend(Nanoseconds time) { cpu_ += std::chrono::duration_cast<Instant::duration>(time); }

    void spend_for(Nanoseconds per_kb, std::uint64_t bytes) {
        spend(per_kb * static_cast<std::int64_t>(bytes) / 1024);
    }

    // Waits until the flash is not erasing, then reads.
    void read(std::uint64_t bytes) {
        await_flash();
        spend_for(timings_.read_kb, bytes);
    }

    void hash(std::uint64_t bytes) {
        read(bytes);
        spend_for(timings_.hash_kb, bytes);
    }

    void program(std::uint64_t bytes) {
        await_flash();
        spend(timings_.page_program * static_cast<std::int64_t>((bytes + 255) / 256));
    }

    // Starts when the flash is ready, and continues by itself.
    void erase(Nanoseconds time) {
        await_flash();
        flash_ = cpu_ + std::chrono::duration_cast<Instant::duration>(time);
    }

    void await_flash() { cpu_ = std::max(cpu_, flash_); }

  private:
    Timings timings_;
    Instant cpu_;
    Instant flash_;              // ready again
    Instant received_;           // when the last byte arrived
    Instant spare_taken_until_;  // until then a second frame occupies the other buffer
};

}  // namespace imprint::simulator
