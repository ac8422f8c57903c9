#include "console/await_line.h"

#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "transport/played_port.h"

namespace imprint::console {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using transport::testing::PlayedClock;
using transport::testing::PlayedPort;

class ConsoleTest : public ::testing::Test {
  protected:
    Result<std::string> await(std::deque<std::string> pieces, bool pulled = false,
                              const std::stop_token& stop = {}) {
        PlayedPort port(clock_, std::move(pieces));
        if (pulled) port.pull_cable();
        return await_line(
            port, "connected as 24", Milliseconds(5000), clock_,
            [this](std::string_view line) { lines_.emplace_back(line); }, stop);
    }

    PlayedClock clock_;
    std::vector<std::string> lines_;
};

TEST_F(ConsoleTest, finds_the_line_however_it_is_cut_up) {
    const auto line = await({"boot\r\nI (12) imprint: conn", "ected as", " 246f\r", "\nlater\n"});
    ASSERT_TRUE(line);
    EXPECT_EQ(*line, "I (12) imprint: connected as 246f");
    EXPECT_THAT(lines_, ElementsAre("boot", "I (12) imprint: connected as 246f"));
}

TEST_F(ConsoleTest, takes_colours_and_noise_out) {
    const auto line = await({"\x1b[0;32mI (1) x: connected as 24\x1b[0m\xff\x01\n"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->substr(0, 24), "I (1) x: connected as 24");
}

TEST_F(ConsoleTest, a_silent_board_is_told_as_silent) {
    const auto line = await({});
    ASSERT_FALSE(line);
    EXPECT_EQ(code_of(line), "console_silent");
}

TEST_F(ConsoleTest, the_boards_last_error_is_in_the_error) {
    const auto line = await({"I (1) a: b\nE (5) imprint: no route to broker\nI (6) idle\n"});
    ASSERT_FALSE(line);
    EXPECT_EQ(code_of(line), "console_unexpected");
    EXPECT_THAT(line.error().message, HasSubstr("E (5) imprint: no route to broker"));
    EXPECT_THAT(line.error().message, HasSubstr("5 s"));
    EXPECT_THAT(line.error().hint, HasSubstr("prepare -v")) << "where a person sees the console";
}

TEST_F(ConsoleTest, a_line_without_end_is_cut_and_not_kept_for_ever) {
    const auto line = await({std::string(1000, 'x'), std::string(1000, 'x'), std::string(1000, 'x'),
                             std::string(1000, 'x'), std::string(1000, 'x'), "connected as 24\n"});
    EXPECT_TRUE(line);
}

TEST_F(ConsoleTest, a_line_without_its_break_counts_once_the_time_is_up) {
    const auto line = await({"boot\nI (9) imprint: connected as 24"});
    ASSERT_TRUE(line) << line.error().describe();
    EXPECT_EQ(*line, "I (9) imprint: connected as 24");
    EXPECT_EQ(clock_.now(), Instant() + Milliseconds(5000)) << "the rest of it may still come";
    const auto failed = await({"boot\nGuru Meditation Error: Core 0"});
    EXPECT_EQ(code_of(failed), "console_unexpected");
    EXPECT_THAT(failed.error().message, HasSubstr("Guru Meditation"));
}

TEST_F(ConsoleTest, what_was_printed_while_nobody_looked_counts) {
    EXPECT_TRUE(await({"boot\n", "", "I (12) imprint: ", "connected as 24\n"}));
}

TEST_F(ConsoleTest, a_pulled_cable_ends_the_wait) {
    const auto line = await({"boot\n"}, true);
    ASSERT_FALSE(line);
    EXPECT_EQ(code_of(line), "port_gone");
}

TEST_F(ConsoleTest, a_stop_ends_the_wait) {
    std::stop_source source;
    source.request_stop();
    const auto line = await({"boot\n"}, false, source.get_token());
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().kind, ErrorKind::interrupted);
}

TEST(ConsoleInLoader, is_told_at_once) {
    PlayedClock clock;
    PlayedPort port(clock, {"rst:0x15 (USB_UART_CHIP_RESET),boot:0x4 (DOWNLOAD(USB/UART0))\r\n",
                            "waiting for download\r\n"});
    const auto seen = await_line(port, "connected", Milliseconds(30'000), clock, {}, {});
    ASSERT_FALSE(seen);
    EXPECT_EQ(code_of(seen), "board_in_loader");
    EXPECT_THAT(seen.error().hint, HasSubstr("RESET"));
    EXPECT_EQ(clock.now(), Instant()) << "nobody waited";
}

TEST(ConsoleInLoader, a_program_that_never_starts_is_not_the_brokers_fault) {
    PlayedClock clock;
    PlayedPort port(clock, {"E (27) boot: load partition table error!\r\n"});
    const auto seen = await_line(port, "connected", Milliseconds(500), clock, {}, {});
    ASSERT_FALSE(seen);
    EXPECT_EQ(code_of(seen), "console_unexpected");
    EXPECT_THAT(seen.error().hint, HasSubstr("firmware"));
    EXPECT_EQ(seen.error().hint.find("broker"), std::string::npos);
}

TEST(ConsoleNetwork, a_board_without_one_has_not_come_to_the_broker) {
    for (const char* said :
         {"W (9) app: no network\n", "I (9) wifi station: connect to the AP fail\n",
          "E (9) esp-tls: couldn't get hostname for :x.iot.aws:\nI (10) idle\n"}) {
        PlayedClock clock;
        PlayedPort port(clock, {said});
        const auto seen = await_line(port, "connected", Milliseconds(500), clock, {}, {});
        ASSERT_EQ(code_of(seen), "console_unexpected");
        EXPECT_THAT(seen.error().hint, HasSubstr("no network")) << said;
        EXPECT_EQ(seen.error().hint.find("policy"), std::string::npos) << said;
    }
}

}  // namespace
}  // namespace imprint::console
