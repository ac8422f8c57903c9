// What a lot that was opened allows. A lot that nobody has opened is only a text: nothing is
// forbidden in it. Whether it has a place left, and a serial number, says the ledger
// (Lots::enter_lot).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "ledger/ledger.h"
#include "loader/board.h"

namespace imprint::prepare {

class LotRules {
  public:
    LotRules() = default;

    explicit LotRules(std::optional<ledger::LotRecord> lot) : lot_(std::move(lot)) {}

    // As the ledger has it now: a lot may be paused or changed in the middle of a run.
    [[nodiscard]] static Result<LotRules> read(ledger::LotReports& ledger, const std::string& lot);

    // Empty: nobody has opened it.
    [[nodiscard]] const std::optional<ledger::LotRecord>& lot() const { return lot_; }

    // For all boards alike. Errors: lot_paused, lot_closed (usage).
    [[nodiscard]] Result<void> check_open() const;
    // Error: lot_firmware (config).
    [[nodiscard]] Result<void> check_firmware(const std::string& digest) const;
    // Error: lot_limits (board).
    [[nodiscard]] Result<void> check_board(const loader::BoardInfo& info) const;

    [[nodiscard]] bool is_golden(const MacAddress& mac) const {
        return lot_ && lot_->facts.golden.contains(mac);
    }

    // Before any other board. Error: golden_due (board).
    [[nodiscard]] Result<void> check_golden(ledger::LotReports& ledger, const std::string& station,
                                            WallTime since) const;

  private:
    std::optional<ledger::LotRecord> lot_;
};

// The board's serial number in that lot; empty: it has none.
[[nodiscard]] Result<std::string> serial_in_lot(ledger::LotReports& ledger, const MacAddress& mac,
                                                const std::string& lot);

}  // namespace imprint::prepare
