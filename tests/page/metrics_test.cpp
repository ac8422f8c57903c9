#include "page/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, each_figure_has_its_line) {
    Figures figures;
    figures.bench.run.passed = 12;
    figures.bench.bays.resize(3);
    figures.bench.bays[0].outcome = events::BayOutcome::failed;
    for (const double seconds : {1.5, 8.4, 9.0, 500.0})
        figures.seconds.add(seconds);
    figures.printer_ok = false;
    figures.browsers = 2;
    const std::string text = metrics_text(figures);
    for (const char* line :
         {"# TYPE imprint_boards_total counter\n", "imprint_boards_total{outcome=\"passed\"} 12\n",
          "imprint_boards_total{outcome=\"failed\"} 0\n", "imprint_bays{status=\"failed\"} 1\n",
          "imprint_bays{status=\"at_work\"} 2\n", "imprint_bays{status=\"off\"} 0\n",
          "imprint_board_seconds_bucket{le=\"2\"} 1\n",
          "imprint_board_seconds_bucket{le=\"10\"} 3\n",
          "imprint_board_seconds_bucket{le=\"+Inf\"} 4\n", "imprint_board_seconds_count 4\n",
          "imprint_board_seconds_sum 518.9\n", "imprint_ok{of=\"printer\"} 0\n",
          "imprint_ok{of=\"registry\"} 1\n", "imprint_browsers 2\n"})
        EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, Not(HasSubstr("imprint_lot")));
}

TEST(MetricsTest, a_lots_name_cannot_break_a_line) {
    Figures figures;
    figures.lot.emplace();
    figures.lot->lot.facts.name = "a\"b\\c\nd";
    figures.lot->lot.facts.target = 5;
    EXPECT_THAT(metrics_text(figures),
                HasSubstr("imprint_lot_target{lot=\"a\\\"b\\\\c\\nd\"} 5\n"));
}

}  // namespace
}  // namespace imprint::page
