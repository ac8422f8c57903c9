// What a person says of a lot, in words: the options of `imprint lot open` and `set`, and the
// page's form.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "ledger/lots.h"
#include "prepare/settings.h"

namespace imprint::prepare {

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

// The same, with the digest of the project's build where the firmware is "this". before: {} of a
// new lot. Errors: those of over(), of check_shared_values and load_firmware.
[[nodiscard]] Result<ledger::LotFacts> read_lot_words(LotWords words,
                                                      const ledger::LotFacts& before,
                                                      const Settings& settings);

}  // namespace imprint::prepare
