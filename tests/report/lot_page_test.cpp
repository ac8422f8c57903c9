#include "report/lot_page.h"

#include <gmock/gmock.h>

#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"

namespace imprint::report {
namespace {

using ledger::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

class LotPageTest : public ::testing::Test {
  protected:
    void SetUp() override { begin(); }

    void begin(const std::string& by = "Ann") {
        ledger::RunFacts facts;
        facts.lot = lot_;
        facts.station = by + "'s station";
        facts.operator_name = by;
        facts.firmware = std::string(64, 'f');
        facts.firmware_commit = "c0ffee";
        run_ = *ledger_.begin_run(facts);
    }

    void one(const char* mac, Outcome outcome, const std::string& code = {}) {
        const auto id = *ledger_.begin_attempt(run_, "bay <0>");
        ASSERT_TRUE(ledger_.identified(id, *parse_mac(mac), "esp32", "thing & co"));
        ASSERT_TRUE(ledger_.enter_lot(id));
        ASSERT_TRUE(ledger_.end_attempt(id, outcome, code, "because <b>"));
    }

    std::string page() {
        const auto figures = read_figures(ledger_, lot_);
        EXPECT_TRUE(figures);
        std::string html;
        const auto written = write_lot_page({lot_, *ledger_.find_lot(lot_), clock_.wall()},
                                            *figures, ledger_, [&](std::string_view piece) {
                                                html += piece;
                                                return Result<void>{};
                                            });
        EXPECT_TRUE(written);
        return html;
    }

    ledger::testing::LedgerClock clock_;
    ledger::testing::OneProcess processes_;
    ledger::testing::MemoryLedger ledger_{clock_, processes_};
    std::string lot_ = "order-17";
    ledger::RunId run_ = 0;
};

TEST_F(LotPageTest, it_tells_every_board_with_all_that_is_known_of_it) {
    ASSERT_TRUE(ledger_.open_lot(
        {.name = lot_, .target = 10, .serial_template = "S{number:3}", .golden = {}}));
    one("246f28aabb01", Outcome::failed, "board_lost");
    one("246f28aabb01", Outcome::passed);
    one("246f28aabb02", Outcome::failed, "chip_unknown");
    const std::string html = page();
    for (const char* told :
         {"Lot order-17", "1 of 10", "id=\"246f28aabb01\"", "S001", "S002", "✓ PASS", "✕ FAIL",
          "c0ffee", "ffffffffffff", "Ann", "thing &amp; co", "board_lost", "chip_unknown",
          "href=\"#246f28aabb02\"", "0.0 %", "<svg"})
        EXPECT_THAT(html, HasSubstr(told));
}

TEST_F(LotPageTest, nothing_that_somebody_has_named_is_markup) {
    lot_ = "<script>alert(1)</script>\"'&";
    begin("<img src=x onerror=alert(2)>");
    one("246f28aabb01", Outcome::failed, "<i>code</i>");
    const std::string html = page();
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("<img")));
    EXPECT_THAT(html, Not(HasSubstr("<i>")));
    EXPECT_THAT(html, HasSubstr("because &lt;b&gt;"));
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_THAT(html, HasSubstr("bay &lt;0&gt;"));
}

// Nor is there any script, or anything that a browser would fetch.
TEST_F(LotPageTest, it_needs_nothing_from_elsewhere) {
    one("246f28aabb01", Outcome::passed);
    const std::string html = page();
    for (const char* fetched : {"http://", "https://", "src=", "url(", "@import", "<link"})
        EXPECT_THAT(html, Not(HasSubstr(fetched)));
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

// A box that scrolls, of which nothing can be pressed, has to be reached by Tab to be scrolled.
TEST_F(LotPageTest, what_scrolls_is_reached_by_the_keyboard) {
    one("246f28aabb01", Outcome::failed, "board_lost");
    const std::string html = page();
    EXPECT_THAT(html, Not(HasSubstr("class=\"scroll\">")));
    for (const char* name : {"Causes", "Boards"})
        EXPECT_THAT(html,
                    HasSubstr(std::string("<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                                          "aria-label=\"") +
                              name + "\">"));
}

TEST_F(LotPageTest, a_lot_without_boards_has_its_page_too) {
    ASSERT_TRUE(ledger_.open_lot({.name = lot_, .golden = {}}));
    const std::string html = page();
    EXPECT_THAT(html, HasSubstr("No board has been judged yet"));
    EXPECT_THAT(html, HasSubstr("Nothing has failed"));
}

TEST_F(LotPageTest, a_sink_that_takes_no_more_ends_it) {
    one("246f28aabb01", Outcome::passed);
    const auto written =
        write_lot_page({lot_, {}, clock_.wall()}, *read_figures(ledger_, lot_), ledger_,
                       [](std::string_view) -> Result<void> {
                           return fail(ErrorKind::config, "file_unwritable", "full");
                       });
    EXPECT_FALSE(written);
}

}  // namespace
}  // namespace imprint::report
