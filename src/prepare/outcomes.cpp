#include "prepare/outcomes.h"

namespace imprint::prepare {

ledger::Outcome outcome_of(const Error& error) {
    if (error.kind == ErrorKind::interrupted) return ledger::Outcome::stopped;
    const bool is_empty = error.is("board_silent") || error.is("port_missing");
    return is_empty ? ledger::Outcome::empty : ledger::Outcome::failed;
}

events::AttemptOutcome told(ledger::Outcome outcome) {
    using From = ledger::Outcome;
    using To = events::AttemptOutcome;
    switch (outcome) {
        case From::running:
            return To::running;
        case From::passed:
            return To::passed;
        case From::failed:
            return To::failed;
        case From::skipped:
            return To::skipped;
        case From::stopped:
            return To::stopped;
        case From::empty:
            return To::empty;
        case From::killed:
            return To::killed;
        case From::replaced:
            return To::replaced;
    }
    return To::failed;
}

}  // namespace imprint::prepare
