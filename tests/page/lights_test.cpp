#include "page/lights.h"

#include <gtest/gtest.h>

namespace imprint::page {
namespace {

class LightsTest : public ::testing::Test {
  protected:
    void take(events::Body body) {
        const events::Event event{{}, "1", {}, std::move(body)};
        state_ = events::apply(std::move(state_), event);
        lights_.take(event, state_);
    }

    void failed(ErrorKind kind) {
        take(events::BoardFailed{.kind = kind, .code = "c", .reason = "no network", .hint = ""});
    }

    void passed(bool queued = false) {
        take(events::BoardPassed{.thing = "t",
                                 .certificate_id = "c",
                                 .seconds = 1,
                                 .retired = 0,
                                 .retirement_owed = 0,
                                 .queued = queued,
                                 .bytes_written = 0});
    }

    [[nodiscard]] std::string state(const char* light) const {
        return lights_.json()[light]["state"];
    }

    events::BenchState state_;
    Lights lights_{true};
};

TEST_F(LightsTest, the_registry_is_in_trouble_until_a_board_is_registered) {
    EXPECT_EQ(state("registry"), "ok");
    failed(ErrorKind::registry);
    EXPECT_EQ(state("registry"), "trouble");
    EXPECT_EQ(lights_.json()["registry"]["text"], "no network");
    failed(ErrorKind::board);
    passed(true);
    EXPECT_EQ(state("registry"), "trouble") << "prepared without it";
    passed();
    EXPECT_EQ(state("registry"), "ok");
}

TEST_F(LightsTest, a_bay_that_waits_shows_a_slow_registry) {
    take(events::BayChanged{.status = events::BayStatus::waiting});
    EXPECT_EQ(state("registry"), "wait");
    take(events::BayChanged{.status = events::BayStatus::at_work});
    EXPECT_EQ(state("registry"), "ok");
}

TEST_F(LightsTest, the_ledger_and_the_printer) {
    failed(ErrorKind::ledger);
    EXPECT_EQ(state("ledger"), "trouble");
    passed();
    EXPECT_EQ(state("ledger"), "ok");
    lights_.ledger_trouble("damaged");
    EXPECT_EQ(lights_.json()["ledger"]["text"], "damaged");
    lights_.ledger_trouble("");
    EXPECT_EQ(state("ledger"), "ok");
    take(events::LabelTrouble{
        .printer = "p", .code = "label_printer", .reason = "no paper", .hint = ""});
    EXPECT_EQ(lights_.json()["printer"]["text"], "no paper");
    take(events::LabelPrinted{.printer = "p"});
    EXPECT_EQ(state("printer"), "ok");
    EXPECT_EQ(Lights(false).json()["printer"]["state"], "none");
}

}  // namespace
}  // namespace imprint::page
