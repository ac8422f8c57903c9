#include "simulator/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::simulator {

namespace {

namespace fs = std::filesystem;

TEST(RunBoards, links_each_bay_to_a_terminal_counts_the_macs_up_and_cleans_up) {
    const auto folder = TemporaryDirectory::create();
    RunOptions options;
    options.count = 3;
    options.directory = folder->path() / "bench";
    options.base_mac = *parse_mac("240ac40000ff");
    options.board.flash_size = 1U << 20;
    std::stop_source stop;
    std::vector<RunningBay> seen;
    const auto done = run_boards(
        options,
        [&](const std::vector<RunningBay>& bays) {
            seen = bays;
            for (const RunningBay& bay : bays)
                EXPECT_EQ(fs::read_symlink(bay.port), bay.terminal);
            stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(done) << done.error().describe();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].port, options.directory / "bay0");
    EXPECT_EQ(seen[0].mac.id(), "240ac40000ff");
    EXPECT_EQ(seen[1].mac.id(), "240ac4000100");
    for (const RunningBay& bay : seen)
        EXPECT_FALSE(fs::is_symlink(bay.port));
    EXPECT_EQ(fs::file_size(options.directory / "bay2.flash"), 1U << 20);
}

TEST(RunBoards, takes_the_place_of_links_that_a_killed_run_left) {
    const auto folder = TemporaryDirectory::create();
    fs::create_symlink("/dev/pts/no-such", folder->path() / "bay0");
    RunOptions options;
    options.directory = folder->path();
    options.board.flash_size = 1U << 20;
    std::stop_source stop;
    const auto done = run_boards(
        options,
        [&](const std::vector<RunningBay>& bays) {
            EXPECT_TRUE(fs::exists(bays[0].port));
            stop.request_stop();
        },
        stop.get_token());
    EXPECT_TRUE(done) << done.error().describe();
}

TEST(RunBoards, a_flash_file_in_use_is_refused_by_the_bays_name) {
    const auto folder = TemporaryDirectory::create();
    RunOptions options;
    options.directory = folder->path();
    options.board.flash_size = 1U << 20;
    std::stop_source stop;
    const auto done = run_boards(
        options,
        [&](const std::vector<RunningBay>&) {
            const auto second = run_boards(options, [](const auto&) {}, stop.get_token());
            ASSERT_FALSE(second);
            EXPECT_EQ(code_of(second), "flash_file_busy");
            EXPECT_EQ(second.error().context, std::vector<std::string>{"bay0"});
            stop.request_stop();
        },
        stop.get_token());
    EXPECT_TRUE(done);
}

TEST(RunBoards, at_network_ports_there_are_no_links) {
    const auto folder = TemporaryDirectory::create();
    RunOptions options;
    options.count = 2;
    options.directory = folder->path();
    options.board.flash_size = 1U << 20;
    options.board.rfc2217_port = 0;
    std::stop_source stop;
    std::vector<RunningBay> seen;
    const auto done = run_boards(
        options,
        [&](const std::vector<RunningBay>& bays) {
            seen = bays;
            stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(done) << done.error().describe();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_THAT(seen[0].port, testing::StartsWith("rfc2217://127.0.0.1:"));
    EXPECT_NE(seen[0].port, seen[1].port);
    EXPECT_TRUE(seen[0].terminal.empty());
    EXPECT_FALSE(fs::exists(folder->path() / "bay0"));
}

TEST(RunBoards, more_boards_than_network_ports_are_refused) {
    RunOptions options;
    options.count = 2;
    options.board.rfc2217_port = 65535;
    const auto refused = run_boards(options, [](const auto&) {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "bad_usage");
}

}  // namespace

}  // namespace imprint::simulator
