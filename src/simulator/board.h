// A whole board in memory: EN and IO0, the ROM, a stub, what boots from flash. It has no threads
// and no terminals: bytes, line levels and the time come in, bytes go out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "simulator/application.h"
#include "simulator/boot.h"
#include "simulator/chip.h"
#include "simulator/pty_board.h"
#include "simulator/rom_loader.h"
#include "simulator/stub_loader.h"
#include "transport/port.h"

namespace imprint::simulator {

class Board {
  public:
    // Errors: those of Flash, chip_not_simulated (config). The board is without power at first.
    // wake is called, from any thread, when the booted application has printed something.
    [[nodiscard]] static Result<std::unique_ptr<Board>> create(const BoardOptions& options,
                                                               std::function<void()> wake, Log log);
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;
    ~Board();

    void power_on(Instant now);
    void power_off();

    void set_lines(transport::Lines lines, Instant now);
    // A burst of bytes from a host whose port runs at `baud`: the first one begins to arrive at
    // `begin`, which may be in the future, and each takes `byte_time`. Their effects are computed
    // at once; the output says when it was sent.
    void receive(ByteView bytes, std::uint32_t baud, Instant begin, Nanoseconds byte_time = {});
    // To be called at the time that wakes() returns, and after `wake`.
    void tick(Instant now);
    [[nodiscard]] std::optional<Instant> wakes() const;

    // Whether the chip, its own USB device, has left the bus since the last call.
    [[nodiscard]] bool take_leave() { return std::exchange(left_bus_, false); }

    [[nodiscard]] std::vector<Uart::Chunk> take_output() { return chip_.uart.take(); }

    [[nodiscard]] const Chip& chip() const { return chip_; }

    // --- what befalls a board
    void spoil(std::uint32_t at) { chip_.flash.program(at, Bytes{0}); }

    void preload_flash(std::uint32_t at, ByteView content) { chip_.flash.preload(at, content); }

    void fail_next_program() { chip_.flash.fail_next_program(); }

    // Nothing but EN, or its power, brings it back.
    void hang();

    // Does what is in flash run, behind its bootloader?
    [[nodiscard]] bool application_runs() const {
        return std::holds_alternative<std::unique_ptr<Application>>(state_);
    }

  private:
    struct Off {};

    struct InReset {};

    struct Releasing {
        Instant at;
    };  // EN rises; IO0 is sampled when it is up

    struct WatchdogWait {
        Instant at;
    };  // nothing bootable: the ROM's watchdog will reset

    struct Hung {};

    using State = std::variant<Off, InReset, Releasing, WatchdogWait, Hung, RomLoader, StubLoader,
                               std::unique_ptr<Application>>;

    Board(const BoardOptions& options, const ChipModel& model, Flash flash,
          std::function<void()> wake, Log log);

    void start(ResetCause cause, bool download, Instant now, bool all = true);
    void follow_usb_lines(transport::Lines former, Instant now);
    void reset_through_usb(bool download, Instant now);
    void set_watchdog(std::uint32_t cycles, Instant now);
    void bite(Instant now);
    [[nodiscard]] std::optional<Instant> state_wakes() const;
    void boot_flash(Instant now);
    void follow(Loader outcome, Instant now);
    void leave_application();

    void print(std::string_view text) { chip_.uart.send(as_bytes(text)); }

    BoardOptions options_;
    ChipModel model_;
    Chip chip_;
    std::function<void()> wake_;
    Log log_;
    transport::Lines lines_;
    bool download_strap_ = false;  // as IO0 was when EN last rose
    bool usb_download_ = false;    // the USB-Serial/JTAG unit's mark for the next reset
    bool left_bus_ = false;
    State state_ = Off{};
    std::optional<Instant> bites_;                       // the RTC watchdog that a host has started
    std::vector<std::unique_ptr<Application>> leaving_;  // asked to stop, not yet ended
};

}  // namespace imprint::simulator
