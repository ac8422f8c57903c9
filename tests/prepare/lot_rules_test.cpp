// What a lot allows is held to before anything is made for a board, or written to it.
#include "prepare/lot_rules.h"

#include <gmock/gmock.h>

#include "base/error_code.h"
#include "prepare/bench_world.h"

namespace imprint::prepare {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LotRulesTest : public testing::BenchWorld {
  protected:
    LotRulesTest() {
        again_ = false;
        facts_.name = lot_;
    }

    void open() { ASSERT_TRUE(ledger_.open_lot(facts_)); }

    void another_board() {
        ++simulated_.mac.octets[5];
        plug();
    }

    // Nothing was made, and nothing was written.
    void expect_refused(const char* code, ledger::Fault fault) {
        const auto refused = prepare();
        EXPECT_EQ(code_of(refused), code);
        EXPECT_THAT(registry_.certificates, IsEmpty());
        EXPECT_THAT(registry_.things, IsEmpty());
        EXPECT_EQ(last_attempt().fault, fault);
        EXPECT_THAT(ledger_.effects(last_attempt().id).value(), IsEmpty());
        EXPECT_EQ(last_attempt().serial, "");
    }

    ledger::LotFacts facts_;
};

TEST_F(LotRulesTest, a_lot_that_nobody_has_opened_is_a_text) {
    lot_ = "free text";
    EXPECT_TRUE(prepare());
    lot_ = "";
    again_ = true;
    EXPECT_TRUE(prepare());
}

TEST_F(LotRulesTest, a_lot_that_is_paused_or_closed_in_the_middle_of_a_run_takes_no_board) {
    open();
    ASSERT_TRUE(ledger_.set_lot_state(lot_, ledger::LotState::paused));
    expect_refused("lot_paused", ledger::Fault::station);
    ASSERT_TRUE(ledger_.set_lot_state(lot_, ledger::LotState::closed));
    expect_refused("lot_closed", ledger::Fault::station);
    ASSERT_TRUE(ledger_.set_lot_state(lot_, ledger::LotState::open));
    EXPECT_TRUE(prepare());
}

TEST_F(LotRulesTest, another_firmware_than_the_lots_is_written_to_no_board) {
    facts_.limits.firmware = std::string(64, 'f');
    open();
    expect_refused("lot_firmware", ledger::Fault::station);
    facts_.limits.firmware = sample_->firmware->digest;
    ASSERT_TRUE(ledger_.change_lot(facts_));
    EXPECT_TRUE(prepare());
}

TEST_F(LotRulesTest, a_board_of_another_kind_is_refused) {
    open();
    const auto with = [&](ledger::LotLimits limits) {
        facts_.limits = std::move(limits);
        ASSERT_TRUE(ledger_.change_lot(facts_));
    };
    with({.chip = "esp32s3", .firmware = ""});
    expect_refused("lot_limits", ledger::Fault::board);
    simulated_.revision = 300;
    plug();
    with({.chip = "", .least_revision = 301, .firmware = ""});
    expect_refused("lot_limits", ledger::Fault::board);
    with({.chip = "", .most_revision = 299, .firmware = ""});
    expect_refused("lot_limits", ledger::Fault::board);
    with({.chip = "", .flash_size = 8U << 20U, .firmware = ""});
    expect_refused("lot_limits", ledger::Fault::board);
    with({.chip = "esp32",
          .least_revision = 300,
          .most_revision = 300,
          .flash_size = 4U << 20U,
          .firmware = ""});
    EXPECT_TRUE(prepare());
}

TEST_F(LotRulesTest, a_refusal_says_what_the_board_has_and_what_the_lot_takes) {
    facts_.limits.least_revision = 301;
    open();
    simulated_.revision = 3;
    plug();
    EXPECT_THAT(prepare().error().message,
                HasSubstr("revision v0.3, and lot \"lot-7\" takes v3.1"));
}

TEST_F(LotRulesTest, past_its_target_no_further_board_is_taken) {
    facts_.target = 1;
    open();
    ASSERT_TRUE(prepare());
    const auto first = registry_.active();
    another_board();
    const auto late = prepare();
    EXPECT_EQ(code_of(late), "lot_full");
    EXPECT_EQ(registry_.active(), first);
    EXPECT_EQ(last_attempt().fault, ledger::Fault::station);
    --simulated_.mac.octets[5];
    plug();
    again_ = true;
    EXPECT_TRUE(prepare()) << "one that is in it already";
    EXPECT_EQ(ledger_.lot_counts(lot_)->passed, 1U);
}

TEST_F(LotRulesTest, golden_samples_come_first_in_each_shift) {
    facts_.golden = {mac_};
    facts_.serial_template = "S{number}";
    open();
    another_board();
    const auto early = prepare();
    EXPECT_EQ(code_of(early), "golden_due");
    EXPECT_THAT(early.error().hint, HasSubstr(mac_.id()));
    EXPECT_THAT(registry_.things, IsEmpty());
    EXPECT_EQ(last_attempt().fault, ledger::Fault::station);

    const MacAddress other = simulated_.mac;
    simulated_.mac = mac_;
    plug();
    ASSERT_TRUE(prepare());
    EXPECT_TRUE(last_attempt().golden);
    EXPECT_EQ(last_attempt().serial, "");
    EXPECT_FALSE(prepare().value().skipped) << "a golden sample is prepared each time it comes";
    EXPECT_THAT(registry_.active(), SizeIs(1));

    simulated_.mac = other;
    plug();
    const auto passed = prepare();
    ASSERT_TRUE(passed) << passed.error().describe();
    EXPECT_EQ(passed->serial, "S1");
    const auto counts = ledger_.lot_counts(lot_).value();
    EXPECT_EQ(counts.passed, 1U);
    EXPECT_EQ(counts.boards, 1U);
    EXPECT_EQ(counts.golden, 1U);
}

TEST_F(LotRulesTest, golden_samples_of_a_shift_ago_or_of_another_station_are_due_again) {
    facts_.golden = {mac_};
    open();
    settings_.station.name = "station-1";
    settings_.station.shift_hours = 8;
    ASSERT_TRUE(prepare());
    another_board();
    settings_.station.name = "station-2";
    EXPECT_EQ(code_of(prepare()), "golden_due");
    settings_.station.name = "station-1";
    clock_.sleep(std::chrono::hours(7));
    ASSERT_TRUE(prepare());
    clock_.sleep(std::chrono::hours(1));
    again_ = true;
    EXPECT_EQ(code_of(prepare()), "golden_due");
}

TEST_F(LotRulesTest, a_golden_sample_meets_the_lots_limits_too) {
    facts_.golden = {mac_};
    facts_.limits.chip = "esp32s3";
    open();
    expect_refused("lot_limits", ledger::Fault::board);
}

TEST_F(LotRulesTest, a_rotation_asks_no_lot) {
    open();
    ASSERT_TRUE(prepare());
    ASSERT_TRUE(ledger_.set_lot_state(lot_, ledger::LotState::closed));
    identity_only_ = true;
    lot_ = "";
    EXPECT_TRUE(prepare());
}

}  // namespace
}  // namespace imprint::prepare
