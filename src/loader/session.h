// What Board promises, carried out over a Connection: the order of the steps, and what follows when
// one fails.
#pragma once

#include <functional>

#include "loader/board.h"
#include "loader/connection.h"
#include "loader/flash_write.h"
#include "loader/plan.h"

namespace imprint::loader {

class Board::Session {
  public:
    Session(transport::Port& port, ConnectOptions options, Clock& clock, Log log,
            std::stop_token stop);

    [[nodiscard]] Result<void> connect();

    [[nodiscard]] Result<MacAddress> read_mac();
    [[nodiscard]] Result<void> write(const FlashData& region, const Progress& progress);
    [[nodiscard]] Result<void> write_encrypted(const FlashData& region, const Progress& progress);
    [[nodiscard]] Result<WriteOutcome> write_difference(const FlashData& region,
                                                        const Progress& progress);
    [[nodiscard]] Result<RegionPlan> plan(const FlashData& region);
    [[nodiscard]] Result<Md5> flash_md5(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size,
                                     const Progress& progress);
    [[nodiscard]] Result<void> erase(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<void> run();

    [[nodiscard]] const BoardInfo& info() const { return info_; }

    [[nodiscard]] const Connection& link() const { return link_; }

  private:
    // From whatever state the chip is in to one in which its flash can be written.
    [[nodiscard]] Result<void> hand_shake();
    [[nodiscard]] Result<void> enter_loader();
    [[nodiscard]] Result<void> identify();
    [[nodiscard]] Result<void> bring_up_stub();
    [[nodiscard]] Result<void> raise_rom_baud();
    // corrected: what the ROM has to be asked for to run at `rate`, where that is known already.
    [[nodiscard]] Result<void> change_baud(std::uint32_t rate,
                                           std::optional<std::uint32_t> corrected);
    [[nodiscard]] Result<void> set_up_flash();
    // Takes the next lower rate; false: there is none.
    [[nodiscard]] bool step_down();

    // Finds the same board again, after something went wrong. Errors: no_board, board_swapped, …
    [[nodiscard]] Result<void> recover();
    // Tries so often, with recover() in between.
    template <typename T>
    [[nodiscard]] Result<T> persist(std::string_view doing, int attempts,
                                    const std::function<Result<T>()>& work);

    [[nodiscard]] Result<void> check_range(std::uint32_t offset, std::uint32_t size) const;
    [[nodiscard]] Result<void> check_plain(const FlashData& region) const;
    [[nodiscard]] Result<void> check_writable(const FlashData& region) const;
    // One attempt at it: the quick plan, its proof, and the thorough one where that fails.
    [[nodiscard]] Result<void> bring_about(const FlashData& region, WriteOutcome& outcome,
                                           const Progress& progress);
    [[nodiscard]] Result<Milliseconds> carry_out(const RegionPlan& plan, Blanks blanks,
                                                 WriteOutcome& outcome, const Progress& progress);
    [[nodiscard]] Result<void> leave_without_lines();

    Connection link_;
    ConnectOptions options_;
    Log log_;
    BoardInfo info_;
    std::uint32_t rate_ = 0;  // what is gone for
    bool early_rate_ = true;  // by way of the ROM; else the stub is uploaded slowly first
    bool exact_rate_ = true;  // else the stub is a little off it yet
    std::uint32_t largest_block_ = 0x4000;  // what a stub is sent at once
    bool rate_failed_ = false;              // the last hand_shake() failed at it
    bool identified_ = false;               // info_.mac is known: from now on it must stay the same
    bool stub_allowed_ = true;
};

}  // namespace imprint::loader
