#include "report/lot_watch.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::report {
namespace {

class LotWatchTest : public ::testing::Test {
  protected:
    LotWatchTest() {
        EXPECT_TRUE(ledger_);
        EXPECT_TRUE((*ledger_)->open_lot({.name = "order-17", .target = 3}));
    }

    void bench_has(const std::string& lot) {
        watch_.take(
            {clock_.wall(),
             {},
             {},
             events::RunChanged{.lot = lot, .firmware_commit = {}, .app = {}, .app_version = {}}});
        watch_.look();
    }

    // Once its run has ended.
    void board_passes(const std::string& mac) {
        ledger::RunFacts facts;
        facts.lot = "order-17";
        const auto run = *(*ledger_)->begin_run(facts);
        const auto attempt = *(*ledger_)->begin_attempt(run, "1");
        ASSERT_TRUE((*ledger_)->identified(attempt, *parse_mac(mac), "esp32", "t"));
        ASSERT_TRUE((*ledger_)->end_attempt(attempt, ledger::Outcome::passed));
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    ledger::testing::LedgerClock clock_;
    std::filesystem::path file_ = folder_.path() / "ledger.sqlite";
    Result<std::unique_ptr<ledger::Ledger>> ledger_ = ledger::open_ledger(file_, clock_);
    std::optional<ToldLot> lot_;
    std::string trouble_ = "?";
    LotWatch watch_{[this]() { return ledger::open_reports(file_, clock_); },
                    {.lot = [this](const auto& lot) { lot_ = lot; },
                     .trouble = [this](const std::string& why) { trouble_ = why; }}};
};

TEST_F(LotWatchTest, tells_the_lot_of_the_bench_as_the_ledger_has_it) {
    watch_.look();
    EXPECT_FALSE(lot_) << "none is chosen";
    bench_has("order-17");
    ASSERT_TRUE(lot_);
    EXPECT_EQ(lot_->lot.facts.target, 3);
    EXPECT_EQ(lot_->counts.passed, 0U);
    EXPECT_EQ(trouble_, "");
    board_passes("246f28000001");
    board_passes("246f28000001");
    watch_.look();
    EXPECT_EQ(lot_->counts.passed, 1U) << "one that passes once more is no further board";
    bench_has("");
    EXPECT_FALSE(lot_);
}

TEST_F(LotWatchTest, one_that_nobody_has_opened_has_its_name) {
    bench_has("lot-7");
    ASSERT_TRUE(lot_);
    EXPECT_FALSE(lot_->is_open_one);
    EXPECT_EQ(lot_->lot.facts.name, "lot-7");
    EXPECT_EQ(trouble_, "");
}

TEST_F(LotWatchTest, a_ledger_that_cannot_be_read_is_told_and_the_lot_stays_as_it_was) {
    bench_has("order-17");
    file_ = folder_.path();
    watch_.look();
    EXPECT_NE(trouble_, "");
    EXPECT_TRUE(lot_);
    file_ = folder_.path() / "ledger.sqlite";
    watch_.look();
    EXPECT_EQ(trouble_, "");
}

}  // namespace
}  // namespace imprint::report
