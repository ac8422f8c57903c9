#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint {
namespace {

using ::testing::ElementsAre;

struct Lines {
    std::vector<std::string> lines;

    Log log() {
        return Log([this](LogLevel level, std::string_view line) {
            lines.push_back(fmt::format("{} {}", to_string(level), line));
        });
    }
};

TEST(Log, hands_lines_to_its_sink_with_their_level) {
    Lines lines;
    const Log log = lines.log();
    log.debug("at {:#x}", 4096);
    log.info("plain");
    log.warning("{} of {}", 1, 2);
    EXPECT_THAT(lines.lines, ElementsAre("debug at 0x1000", "info plain", "warning 1 of 2"));
    EXPECT_EQ(to_string(LogLevel::error), "error");
}

TEST(Log, a_prefix_stands_before_each_line_and_the_outermost_first) {
    Lines lines;
    const Log bay = lines.log().with_prefix("bay 3");
    bay.info("hello");
    bay.with_prefix("loader").info("sync");
    EXPECT_THAT(lines.lines, ElementsAre("info bay 3: hello", "info bay 3: loader: sync"));
}

TEST(Log, without_a_sink_is_silent) {
    const Log log;
    log.info("nobody hears {}", "this");
    log.with_prefix("bay 3").info("nor this");
}

TEST(Log, braces_in_what_is_logged_are_text) {
    Lines lines;
    lines.log().with_prefix("{}").info("{}", "{0}");
    EXPECT_THAT(lines.lines, ElementsAre("info {}: {0}"));
}

}  // namespace
}  // namespace imprint
