#include "prepare/outcomes.h"

namespace imprint::prepare {

ledger::Outcome outcome_of(const Error& error) {
    if (error.kind == ErrorKind::interrupted) return ledger::Outcome::stopped;
    const bool is_empty = error.is("board_silent") || error.is("port_missing");
    return is_empty ? ledger::Outcome::empty : ledger::Outcome::failed;
}

ledger::Fault fault_of(const Error& error) {
    if (error.kind != ErrorKind::board) return ledger::Fault::station;
    // Of kind board, for it is this bay's alone; but another board would have come to the same, or
    // this one will pass once somebody has done what the hint says.
    const bool is_stations = error.is_any({"board_at_another_station",
                                           "board_swapped",
                                           "board_twice",
                                           "credential_table_row",
                                           "firmware_misplaced",
                                           "firmware_no_bootloader",
                                           "golden_due",
                                           "lot_full",
                                           "lot_unknown",
                                           "minted_in_use",
                                           "minted_none",
                                           "minted_retired",
                                           "no_port",
                                           "other_lot",
                                           "other_partition_table",
                                           "port_baud",
                                           "port_busy",
                                           "port_denied",
                                           "port_io",
                                           "port_missing",
                                           "port_stuck",
                                           "port_unreachable",
                                           "serial_bad",
                                           "serial_not_scanned",
                                           "serial_taken",
                                           "thing_unknown"});
    return is_stations ? ledger::Fault::station : ledger::Fault::board;
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
