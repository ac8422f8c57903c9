// A board that has passed in a named lot is not done again in silence.
#include <gmock/gmock.h>

#include "base/error_code.h"
#include "prepare/bench_world.h"

namespace imprint::prepare {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class LotTest : public testing::BenchWorld {
  protected:
    LotTest() {
        again_ = false;
        EXPECT_FALSE(prepare().value().skipped);
        first_ = registry_.active();
        EXPECT_THAT(first_, SizeIs(1));
        plug_ = credentials_in_flash();
    }

    // It still has what it had.
    void expect_untouched() {
        EXPECT_EQ(registry_.active(), first_);
        EXPECT_EQ(credentials_in_flash(), plug_);
        EXPECT_EQ(ledger_.board(mac_).value()->certificate->id, *first_.begin());
    }

    std::set<std::string> first_;
    Bytes plug_;
};

TEST_F(LotTest, one_that_passed_in_this_lot_is_left_as_it_is_and_told_of) {
    const auto again = prepare();
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_TRUE(again->skipped);
    EXPECT_EQ(again->certificate_id, *first_.begin());
    const auto* told = events::as<events::BoardSkipped>(told_.back());
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->lot, "lot-7");
    EXPECT_EQ(told->passed, ledger_.board(mac_).value()->attempt.ended);
    EXPECT_EQ(last_attempt().outcome, ledger::Outcome::skipped);
    expect_untouched();
}

TEST_F(LotTest, one_of_another_lot_is_refused_and_keeps_what_it_has) {
    lot_ = "lot-8";
    const auto other = prepare();
    ASSERT_FALSE(other);
    EXPECT_EQ(code_of(other), "other_lot");
    EXPECT_THAT(other.error().message, HasSubstr("lot-7"));
    EXPECT_EQ(last_attempt().outcome, ledger::Outcome::failed);
    expect_untouched();
}

TEST_F(LotTest, either_is_prepared_anew_when_asked) {
    again_ = true;
    EXPECT_FALSE(prepare().value().skipped);
    lot_ = "lot-8";
    EXPECT_FALSE(prepare().value().skipped);
    EXPECT_THAT(registry_.active(), SizeIs(1));
    EXPECT_NE(registry_.active(), first_);
    EXPECT_EQ(*ledger_.last_lot(mac_), "lot-8");
}

// The power went when the board was proven, and its pass not yet written down.
TEST_F(LotTest, one_whose_pass_was_never_written_down_is_prepared_anew_and_counted) {
    ledger::LotFacts lot{.name = "lot-9"};
    lot.serial_template = "T-{number}";
    ASSERT_TRUE(ledger_.open_lot(lot));
    lot_ = "lot-9";
    again_ = true;
    const auto may = ledger_.refuse;
    ledger_.refuse = [](const char* write) -> Result<void> {
        if (std::string_view(write) == "end_attempt")
            return fail(ErrorKind::ledger, "database_full", "no room");
        return {};
    };
    EXPECT_FALSE(prepare());
    ledger_.refuse = may;
    ASSERT_EQ(ledger_.lot_counts("lot-9")->passed, 0U);
    again_ = false;
    const auto anew = prepare();
    ASSERT_TRUE(anew) << anew.error().describe();
    EXPECT_FALSE(anew->skipped);
    EXPECT_EQ(ledger_.lot_counts("lot-9")->passed, 1U);
    EXPECT_EQ(ledger_.find_serial("T-1").value()->state, ledger::SerialState::used);
    EXPECT_THAT(registry_.active(), SizeIs(1));
}

// At a bench where boards come and go, a run is a shift.
TEST_F(LotTest, one_that_passed_in_this_run_is_left_as_it_is_without_a_lot) {
    lot_ = "";
    once_a_run_ = true;
    EXPECT_FALSE(prepare().value().skipped);
    same_run_ = last_run_;
    const auto living = registry_.active();
    EXPECT_TRUE(prepare().value().skipped);
    EXPECT_EQ(registry_.active(), living);
    again_ = true;
    EXPECT_FALSE(prepare().value().skipped);
    EXPECT_NE(registry_.active(), living);
}

TEST_F(LotTest, without_a_lot_a_board_is_prepared_as_often_as_it_comes_and_stays_in_its_lot) {
    lot_ = "";
    settings_.identity.attributes = {{"order", "{lot}"}};
    EXPECT_FALSE(prepare().value().skipped);
    EXPECT_NE(registry_.active(), first_);
    EXPECT_EQ(ledger_.board(mac_).value()->attempt.lot, "lot-7");
    EXPECT_EQ(registry_.things.at(mac_.id()).attributes.at("order"), "lot-7");
    const bool is_told = std::ranges::any_of(told_, [](const events::Event& event) {
        const auto* note = events::as<events::Note>(event);
        return note != nullptr && note->text.contains("stays in lot lot-7");
    });
    EXPECT_TRUE(is_told);
    const auto second = registry_.active();
    again_ = true;
    EXPECT_FALSE(prepare().value().skipped);
    EXPECT_NE(registry_.active(), second);
    again_ = false;
    lot_ = "lot-7";
    EXPECT_TRUE(prepare().value().skipped) << "it is in its lot";
    lot_ = "lot-8";
    EXPECT_EQ(code_of(prepare()), "other_lot");
}

class NoLotTest : public testing::BenchWorld {};

TEST_F(NoLotTest, a_board_that_was_in_no_lot_stays_in_none) {
    lot_ = "";
    ASSERT_TRUE(prepare());
    ASSERT_TRUE(prepare());
    EXPECT_EQ(ledger_.board(mac_).value()->attempt.lot, "");
}

TEST_F(LotTest, one_whose_certificate_was_taken_from_it_is_prepared_anew) {
    ASSERT_TRUE(ledger_.certificate_gone(mac_, *first_.begin()));
    EXPECT_FALSE(prepare().value().skipped);
}

TEST_F(LotTest, one_whose_certificate_is_no_more_in_force_is_prepared_anew) {
    registry_.certificates.at(*first_.begin()).certificate.status =
        registry::CertificateStatus::inactive;
    EXPECT_FALSE(prepare().value().skipped) << "another station has made it INACTIVE";
    EXPECT_THAT(registry_.active(), SizeIs(1));
}

TEST_F(LotTest, one_that_failed_since_with_its_credentials_overwritten_is_prepared_anew) {
    again_ = true;
    settings_.verify.console = "never";
    settings_.verify.timeout = std::chrono::seconds(1);
    ASSERT_FALSE(prepare());
    again_ = false;
    settings_.verify.console = "";
    EXPECT_FALSE(prepare().value().skipped);
}

}  // namespace
}  // namespace imprint::prepare
