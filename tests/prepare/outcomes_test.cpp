#include "prepare/outcomes.h"

#include <gmock/gmock.h>

namespace imprint::prepare {
namespace {

using ledger::Fault;

Error board_error(std::string code) {
    return {ErrorKind::board, std::move(code), "", "", {}};
}

TEST(OutcomesTest, what_the_station_the_cloud_or_the_operator_did_is_no_boards_fault) {
    for (const auto kind : {ErrorKind::registry, ErrorKind::ledger, ErrorKind::config,
                            ErrorKind::usage, ErrorKind::bug})
        EXPECT_EQ(fault_of({kind, "any", "", "", {}}), Fault::station);
    for (const char* code : {"port_busy", "port_io", "board_twice", "other_lot", "golden_due",
                             "lot_full", "serial_taken", "minted_none"})
        EXPECT_EQ(fault_of(board_error(code)), Fault::station) << code;
    for (const char* code : {"board_lost", "wrong_chip", "lot_limits", "flash_write_failed",
                             "verify_failed", "console_unexpected", "chip_secured", "port_gone"})
        EXPECT_EQ(fault_of(board_error(code)), Fault::board) << code;
}

}  // namespace
}  // namespace imprint::prepare
