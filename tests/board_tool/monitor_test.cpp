#include "board_tool/monitor.h"

#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "transport/played_port.h"

namespace imprint::board_tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using transport::testing::PlayedClock;
using transport::testing::PlayedPort;

class MonitorTest : public ::testing::Test {
  protected:
    MonitorTest() { how_.timeout = Milliseconds(1000); }

    // The error's code; empty: it ended well.
    std::string watch(std::deque<std::string> pieces) {
        lines_.clear();
        PlayedPort port(clock_, std::move(pieces));
        const auto seen =
            monitor(port, how_, clock_,
                    [this](const console::Line& line) { lines_.push_back(line.text); }, {});
        if (!seen) said_ = seen.error().describe();
        return seen ? "" : seen.error().code;
    }

    PlayedClock clock_;
    MonitorOptions how_;
    std::vector<std::string> lines_;
    std::string said_;
};

TEST_F(MonitorTest, without_an_aim_all_is_shown_until_the_time_is_up) {
    EXPECT_EQ(watch({"a\r\nb", "c\nprompt> "}), "");
    EXPECT_THAT(lines_, ElementsAre("a", "bc", "prompt> "));
}

TEST_F(MonitorTest, it_ends_with_the_line_that_was_waited_for_and_what_follows_is_another_matter) {
    how_.until = "up";
    EXPECT_EQ(watch({"boot\nnow up\nlater\nmuch later"}), "");
    EXPECT_THAT(lines_, ElementsAre("boot", "now up"));
    EXPECT_EQ(watch({"boot\nshell is up> "}), "");
    EXPECT_THAT(lines_, ElementsAre("boot", "shell is up> ")) << "it may never get its line break";
    EXPECT_EQ(watch({"boot\n"}), "console_timeout");
}

TEST_F(MonitorTest, a_line_that_must_not_come_ends_it_badly) {
    how_.until = "up";
    how_.fail_on = "panic";
    EXPECT_EQ(watch({"boot\n\x1b[31mkernel panic\x1b[0m\nup\n"}), "console_failed");
    EXPECT_THAT(said_, HasSubstr("kernel panic"));
    EXPECT_EQ(said_.find('\x1b'), std::string::npos);
}

TEST_F(MonitorTest, colours_are_no_part_of_what_is_searched_or_kept) {
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(folder);
    how_.log = folder->path() / "log";
    how_.until = "I (1) up";
    EXPECT_EQ(watch({"\x1b[2J\x1b[32mI\x1b[0m (1) up\x1b[K\n"}), "");
    EXPECT_EQ(read_text(how_.log).value_or(""), "I (1) up\n");
}

}  // namespace
}  // namespace imprint::board_tool
