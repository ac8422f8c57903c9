// The options of `imprint lot open` and `set`, as what a lot is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "ledger/lots.h"

namespace imprint::cli {

// As typed; empty: not given. "any" and "none" take away what was said before.
struct LotWords {
    std::string name;
    std::string code;
    std::string target;
    std::string chip;
    std::string least_revision;
    std::string most_revision;
    std::string flash_size;
    std::string firmware;
    std::string serial;
    std::string first_number;
    std::string failed_serial;
    std::vector<std::string> golden;
    bool no_golden = false;

    // Puts what was given in place of what was there. Errors (usage): bad_usage, bad_size, bad_mac,
    // serial_template.
    [[nodiscard]] Result<ledger::LotFacts> over(ledger::LotFacts facts) const;
};

// Adds them, but for the name and --first-number.
void add_lot_options(Command& command, const std::shared_ptr<LotWords>& words);

}  // namespace imprint::cli
