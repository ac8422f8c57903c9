// A board at the end of a wire, without threads and without waiting: port, board and clock in one,
// whose time jumps to the next event. Thousands of boards run in the time of a real one; a run
// depends only on its options.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "simulator/board.h"
#include "simulator/line.h"
#include "simulator/pty_board.h"
#include "transport/port.h"

namespace imprint::simulator {

// What goes wrong, and how often, determined by the seed.
struct Faults {
    std::uint64_t seed = 0;
    // One byte in this many, in either direction, is lost, duplicated, changed, or delayed with all
    // the following ones. 0: none.
    std::uint32_t hurt_one_in = 0;
    // Power failures in the time `within`, at random moments; the power comes back at once.
    unsigned brown_outs = 0;
    // Another board is put in place of this one, once.
    bool swapped = false;
    Milliseconds within{10'000};
};

class VirtualBoard final : public transport::Port, public Clock {
  public:
    // Errors: those of Board::create.
    [[nodiscard]] static Result<std::unique_ptr<VirtualBoard>> create(const BoardOptions& options,
                                                                      const Faults& faults = {});

    // --- Port
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into,
                                           Milliseconds patience) override;
    [[nodiscard]] Result<void> write(ByteView bytes) override;
    [[nodiscard]] Result<void> set_lines(transport::Lines lines) override;
    [[nodiscard]] Result<void> set_baud(std::uint32_t baud) override;
    [[nodiscard]] Result<void> discard_input() override;

    [[nodiscard]] const transport::PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

    // --- Clock
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::duration_cast<WallTime::duration>(now_.time_since_epoch()));
    }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override;

    // --- for tests and benchmarks
    // Flash and MAC of the board that is in the bay now.
    [[nodiscard]] ByteView flash() const { return board_->chip().flash.content(); }

    [[nodiscard]] const MacAddress& mac() const { return board_->chip().mac; }

    // Sets one byte of it to zero, unnoticed by the chip.
    void spoil(std::uint32_t at) { board_->spoil(at); }

    // Writes this into its flash, as if it came to the bench with it.
    void preload_flash(std::uint32_t at, ByteView content) { board_->preload_flash(at, content); }

    // Programming the next page fails, and the loader is told.
    void fail_next_program() { board_->fail_next_program(); }

    // The chip stops, until EN or its supply resets it.
    void hang() { board_->hang(); }

    // Whether an application runs, started by the bootloader in flash.
    [[nodiscard]] bool application_runs() const { return board_->application_runs(); }

    // As READ_REG would give it.
    [[nodiscard]] std::uint32_t word(std::uint32_t address) const {
        return board_->chip().memory.read(address);
    }

    [[nodiscard]] std::uint64_t bytes_down() const { return bytes_down_; }

    [[nodiscard]] std::uint64_t bytes_up() const { return bytes_up_; }

    [[nodiscard]] unsigned hurt() const { return hurt_; }

  private:
    VirtualBoard(const BoardOptions& options, const Faults& faults, std::unique_ptr<Board> board);
    [[nodiscard]] Bytes hurt(ByteView bytes, Nanoseconds& delay);
    void advance(Instant to);
    void happen();
    void collect();
    // The rate as the chip sees it: what the cable does not carry is no rate at all.
    [[nodiscard]] std::uint32_t carried() const;

    BoardOptions options_;
    Faults faults_;
    std::mt19937_64 random_;
    std::unique_ptr<Board> board_;
    Line line_;
    transport::PortTraits traits_{.has_lines = true, .has_baud = true};
    std::string name_;
    Instant now_;
    std::uint32_t baud_ = 115200;
    transport::Lines lines_;
    Bytes inbox_;
    std::vector<Instant> brown_outs_;  // still to come, the next one last
    std::optional<Instant> swap_;
    std::uint64_t until_hurt_ = 0;
    std::uint64_t bytes_down_ = 0;
    std::uint64_t bytes_up_ = 0;
    unsigned hurt_ = 0;
};

}  // namespace imprint::simulator
