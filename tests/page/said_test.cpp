#include "page/said.h"

#include <gtest/gtest.h>

namespace imprint::page {
namespace {

std::string said(const std::string& bay, events::Body body) {
    const auto one = said_of({{}, bay, parse_mac("7cdfa1003f18"), std::move(body)});
    return one ? (*one)["level"].get<std::string>() + ": " + (*one)["text"].get<std::string>() : "";
}

TEST(SaidTest, what_is_news_is_one_sentence) {
    EXPECT_EQ(said("4", events::BoardFailed{.kind = ErrorKind::board,
                                            .code = "board_lost",
                                            .reason = "no answer from the chip",
                                            .hint = ""}),
              "error: Bay 4 failed: no answer from the chip");
    EXPECT_EQ(said("", events::RunChanged{.lot = "order-18", .firmware_commit = ""}),
              "info: Boards are of lot order-18 from now on");
    EXPECT_EQ(said("", events::SerialScanned{.serial = "TH-7"}),
              "info: Serial number TH-7 waits for the next board, or for the one in the bay that "
              "is scanned now");
    EXPECT_EQ(said("3", events::BayChanged{.status = events::BayStatus::off,
                                           .reason = "5 boards failed in a row"}),
              "warning: Bay 3 is off: 5 boards failed in a row");
}

TEST(SaidTest, what_every_board_does_is_none) {
    EXPECT_EQ(said("1", events::BoardStep{.step = events::Step::verify}), "");
    EXPECT_EQ(said("1", events::BoardConsole{.line = "boot"}), "");
    EXPECT_EQ(said("1", events::BayChanged{.status = events::BayStatus::empty}), "");
    EXPECT_EQ(said("", events::SerialScanned{.serial = ""}), "");
}

}  // namespace
}  // namespace imprint::page
