#include "report/board_page.h"

#include <gmock/gmock.h>

#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"

namespace imprint::report {
namespace {

using ledger::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

class BoardPageTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(ledger_.open_lot({.name = lot_, .serial_template = "S{number}"}));
        ledger::RunFacts facts;
        facts.lot = lot_;
        facts.station = "north";
        run_ = *ledger_.begin_run(facts);
    }

    void one(Outcome outcome, const std::string& code = {}) {
        const auto id = *ledger_.begin_attempt(run_, "bay <0>");
        ASSERT_TRUE(ledger_.identified(id, mac_, "esp32", "t<1>"));
        ASSERT_TRUE(ledger_.enter_lot(id));
        const auto row = *ledger_.certificate_requested(id, "key", "p");
        ASSERT_TRUE(ledger_.certificate_issued(row, "cert" + std::to_string(id), "PEM"));
        ASSERT_TRUE(ledger_.done(ledger_.intend({run_, id}, "flash", {"app<>"})->front(), "md5"));
        ASSERT_TRUE(ledger_.intend({run_, id}, "activate", {"cert"}));
        if (outcome == Outcome::passed) {
            ASSERT_TRUE(ledger_.certificate_state(row, ledger::CertificateState::proven));
        }
        ASSERT_TRUE(ledger_.end_attempt(id, outcome, code, "because <b>"));
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    const std::string lot_ = "<i>lot</i>";
    ledger::testing::LedgerClock clock_;
    ledger::testing::OneProcess processes_;
    ledger::testing::MemoryLedger ledger_{clock_, processes_};
    ledger::RunId run_ = 0;
};

TEST_F(BoardPageTest, it_tells_the_boards_whole_life) {
    one(Outcome::failed, "board_lost");
    one(Outcome::passed);
    const auto page = board_page(ledger_, mac_, clock_.wall());
    ASSERT_TRUE(page && *page);
    for (const char* told :
         {"Board 24:6f:28:aa:bb:cc", "S1, used in lot", "✓ PASS", "✕ FAIL", "board_lost", "cert1",
          "cert2", "north", "flash", "activate", "no answer is known", "<svg",
          // Reached by Tab, to be scrolled.
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Certificates\">"})
        EXPECT_THAT(**page, HasSubstr(told));
}

TEST_F(BoardPageTest, nothing_that_somebody_has_named_is_markup) {
    one(Outcome::failed, "<u>");
    const std::string page = **board_page(ledger_, mac_, clock_.wall());
    for (const char* markup : {"<i>", "<u>", "because <b>", "t<1>", "bay <0>", "app<>"})
        EXPECT_THAT(page, Not(HasSubstr(markup)));
    EXPECT_THAT(page, HasSubstr("&lt;i&gt;lot&lt;/i&gt;"));
    for (const char* fetched :
         {"http://", "https://", "src=", "url(", "@import", "<link", "<script"})
        EXPECT_THAT(page, Not(HasSubstr(fetched)));
}

TEST_F(BoardPageTest, a_board_that_nobody_knows_has_none) {
    EXPECT_FALSE(*board_page(ledger_, mac_, clock_.wall()));
}

}  // namespace
}  // namespace imprint::report
