// What an attempt on a board came to, for the ledger and for events.
#pragma once

#include "base/error.h"
#include "events/words.h"
#include "ledger/records.h"

namespace imprint::prepare {

// Of an attempt that ended with this error: failed, stopped or empty.
[[nodiscard]] ledger::Outcome outcome_of(const Error& error);
// Whose fault it was, if it failed: the board's, or the station's, with its ports, its cloud and
// its operator.
[[nodiscard]] ledger::Fault fault_of(const Error& error);
[[nodiscard]] events::AttemptOutcome told(ledger::Outcome outcome);

}  // namespace imprint::prepare
