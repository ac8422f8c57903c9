// The implementation of Board over a Connection: the order of the steps, and what happens when one
// fails.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "loader/board.h"
#include "loader/connection.h"
#include "loader/flash_write.h"
#include "loader/guard.h"
#include "loader/plan.h"

namespace imprint::loader {

class Board::Session {
  public:
    Session(transport::Port& port, ConnectOptions options, Clock& clock, Log log,
            std::stop_token stop);

    [[nodiscard]] Result<void> connect();

    [[nodiscard]] Result<MacAddress> read_mac();
    [[nodiscard]] Result<void> check_write(const FlashData& region, bool encrypted) const;

    [[nodiscard]] Result<void> check_range(std::uint32_t offset, std::uint32_t size) const {
        return guard().range(offset, size);
    }

    [[nodiscard]] Result<void> write(const FlashData& region, const Progress& progress);
    [[nodiscard]] Result<void> write_encrypted(const FlashData& region, const Progress& progress);
    [[nodiscard]] Result<WriteOutcome> write_difference(const FlashData& region,
                                                        const Progress& progress);
    [[nodiscard]] Result<std::uint64_t> prove();
    [[nodiscard]] Result<RegionPlan> plan(const FlashData& region);
    [[nodiscard]] Result<Md5> flash_md5(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size,
                                     const Progress& progress);
    [[nodiscard]] Result<void> erase(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<void> run();
    [[nodiscard]] Result<void> stay();
    [[nodiscard]] Result<StartSeen> look_started();

    [[nodiscard]] const BoardInfo& info() const { return info_; }

    [[nodiscard]] const Connection& link() const { return link_; }

  private:
    static constexpr std::uint32_t rom_baud_rate = 115200;
    static constexpr unsigned syncs_a_round = 5;

    // Brings the chip from any state into one in which its flash can be written.
    [[nodiscard]] Result<void> hand_shake();
    [[nodiscard]] Result<void> enter_loader();
    [[nodiscard]] Result<void> reset(unsigned attempt);
    [[nodiscard]] Result<void> identify();
    [[nodiscard]] Result<void> bring_up_stub();
    [[nodiscard]] Result<void> raise_rom_baud();
    // corrected: the rate to request from the ROM so that it runs at `rate`, if already known.
    [[nodiscard]] Result<void> change_baud(std::uint32_t rate,
                                           std::optional<std::uint32_t> corrected);
    // Raises the rate up to options_.climb_to, as far as data passes. An error with climb_failed_:
    // a rate did not carry, and the board has to be reset.
    [[nodiscard]] Result<void> climb();
    [[nodiscard]] Result<bool> port_can(std::uint32_t rate);
    [[nodiscard]] Result<void> set_up_flash();
    // Probes where the flash's addresses wrap; repeated until something in flash makes that
    // possible.
    [[nodiscard]] Result<void> settle_flash_size();
    // The error with what else explains it: another program that reads the same port.
    [[nodiscard]] Error explained(Error error) const;
    [[nodiscard]] std::string placed(std::string_view text) const;
    // Steps down to the next lower rate; false: there is none.
    [[nodiscard]] bool step_down();

    static constexpr int tries = 3;
    // Neither a retry nor another rate can help.
    [[nodiscard]] static bool is_final(const Error& error);
    // Reconnects to the same board after an error. Errors: no_board, board_swapped, …
    [[nodiscard]] Result<void> recover();
    // Tries up to `attempts` times, with recover() in between.
    template <typename T>
    [[nodiscard]] Result<T> retry(std::string_view doing, int attempts,
                                  const std::function<Result<T>()>& work);

    [[nodiscard]] FlashGuard guard() const {
        return {link_.port().name(), info_, link_.kind(), options_.consent};
    }

    // One attempt with the quick plan. True: the whole region was found in flash.
    [[nodiscard]] Result<bool> write_planned(const FlashData& region, WriteOutcome& outcome,
                                             const Progress& progress);
    // Verifies the region, and uses the thorough plan if that fails. Returns the bytes written.
    [[nodiscard]] Result<std::uint32_t> prove_or_mend(const FlashData& region);
    [[nodiscard]] Result<void> prove_blank(std::uint32_t offset, std::uint32_t size);
    // What writing or erasing came to in the end, with what the flash chip says of a failure.
    // Errors (board): flash_protected, flash_write_failed.
    [[nodiscard]] Result<void> as_write(Result<void> done);
    // Records a region of this run, replacing those that it overlaps.
    void remember(const FlashData& region, bool proven);
    void forget(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<Milliseconds> write_steps(const RegionPlan& plan, Blanks blanks,
                                                   WriteOutcome& outcome, const Progress& progress);
    [[nodiscard]] Result<void> leave_without_lines();

    Connection link_;
    ConnectOptions options_;
    Log log_;
    BoardInfo info_;
    std::uint32_t rate_ = 0;  // the baud rate to reach
    bool early_rate_ = true;  // set in the ROM; else the stub is first uploaded slowly
    bool exact_rate_ = true;  // else the stub's rate is still slightly off
    std::uint32_t largest_block_ = 0x4000;  // largest block sent to a stub
    bool rate_failed_ = false;              // the last hand_shake() failed at it
    bool climb_failed_ = false;             // … only when it tried a higher one
    bool identified_ = false;               // info_.mac is known: from now on it must stay the same
    bool size_settled_ = false;  // info_.flash_size is the real size, not the reported one
    bool stub_allowed_ = true;

    // What this run has written, and after which write it was last verified.
    struct Written {
        FlashData region;
        std::optional<std::uint64_t> proven_after;
    };

    std::vector<Written> written_;
    std::uint64_t writes_ = 0;  // and erases, so far
};

template <typename T>
Result<T> Board::Session::retry(std::string_view doing, int attempts,
                                const std::function<Result<T>()>& work) {
    constexpr std::uint32_t smallest = 0x400;
    for (int left = attempts;;) {
        auto done = work();
        if (done || is_final(done.error())) return done;
        // A retry helps against line errors more than against flash errors.
        left -= done.error().is_any({"verify_failed", "loader_refused"}) ? attempts / tries : 1;
        log_.warning("{}; {}", placed(fmt::format("{} failed: {}", doing, done.error().message)),
                     left > 0 ? "trying again" : "given up");
        if (left <= 0) return std::unexpected(explained(done.error()));
        // The shorter a block, the likelier it arrives undamaged.
        largest_block_ = std::max(largest_block_ / 2, smallest);
        IMPRINT_CHECK(recover());
    }
}

}  // namespace imprint::loader
