#include "station/former_lot.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/processes.h"
#include "ledger/memory_clock.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::station {
namespace {

class FormerLotTest : public ::testing::Test {
  protected:
    void run(const std::string& station, const std::string& lot,
             const std::string& command = "prepare", bool ends = true) {
        ledger::RunFacts facts;
        facts.station = station;
        facts.lot = lot;
        facts.command = command;
        const auto begun = ledger_->begin_run(facts);
        ASSERT_TRUE(begun);
        if (ends) {
            ASSERT_TRUE(ledger_->end_run(*begun, 0, 0));
        }
    }

    [[nodiscard]] std::string lot() { return lot_of_last_run(*ledger_, "north", host_).value(); }

    std::string host_ = host_of(SystemProcesses().self());
    ledger::testing::LedgerClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    // The real one: its order is by time.
    std::unique_ptr<ledger::Ledger> ledger_ =
        ledger::open_ledger(folder_.path() / "ledger.sqlite", clock_).value();
};

TEST_F(FormerLotTest, is_the_one_that_this_station_last_prepared_boards_in) {
    EXPECT_EQ(lot(), "");
    run("north", "order-16");
    run("north", "order-17");
    EXPECT_EQ(lot(), "order-17");
    run("south", "order-18");
    run("north", "", "registry push");
    EXPECT_EQ(lot(), "order-17") << "neither another station's nor what prepares no boards";
    run("north", "", "prepare", false);
    EXPECT_EQ(lot(), "order-17") << "the power went while the station started";
    run("north", "");
    EXPECT_EQ(lot(), "order-17") << "one that begins no board is a start that failed";
    clock_.sleep(-std::chrono::hours(5));
    run("north", "order-19");
    EXPECT_EQ(lot(), "order-19") << "in the order of the ledger, not of the clock";
    host_ = "another";
    EXPECT_EQ(lot(), "") << "the station of another computer has that name too";
}

}  // namespace
}  // namespace imprint::station
