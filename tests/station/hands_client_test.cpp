#include "station/hands_client.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"
#include "simulator/bench.h"
#include "simulator/hands_server.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

class HandsClientTest : public ::testing::Test {
  protected:
    HandsClientTest() {
        options_.bays = 2;
        options_.directory = folder_.path();
        options_.board.flash_size = 256U << 10;
        options_.board.network = false;
        bench_.emplace(simulator::Bench::open(options_).value());
        server_.emplace(simulator::HandsServer::start(*bench_, socket_).value());
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    fs::path socket_ = folder_.path() / "hands.sock";
    simulator::BenchOptions options_;
    std::optional<simulator::Bench> bench_;
    std::optional<simulator::HandsServer> server_;
    HandsClient hands_{socket_};
};

TEST_F(HandsClientTest, gives_what_the_bench_answers) {
    EXPECT_EQ(hands_.ask("put 1").value(), "240ac4000000");
    EXPECT_EQ(hands_.ask("break 1").value(), "");
    EXPECT_THAT(hands_.ask("state").value(), ::testing::StartsWith(R"({"bays":[{"bay":"1",)"));
    const auto refused = hands_.ask("put 1");
    EXPECT_EQ(code_of(refused), "hands_refused");
    EXPECT_EQ(refused.error().message, "board 240ac4000000 is in bay 1");
}

TEST_F(HandsClientTest, only_the_user_who_runs_the_bench_can_move_its_hands) {
    struct stat status{};
    ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(HandsClientTest, a_command_is_one_line) {
    EXPECT_EQ(code_of(hands_.ask("put 1\nput 2")), "hands_refused");
    EXPECT_FALSE(bench_->state().bays[0].board);
    EXPECT_EQ(code_of(hands_.ask(std::string(5000, 'x'))), "hands_refused");
    EXPECT_TRUE(hands_.ask("state"));
}

TEST_F(HandsClientTest, many_at_once_are_answered) {
    std::vector<std::jthread> askers;
    std::atomic<unsigned> answered = 0;
    for (int i = 0; i < 8; ++i)
        askers.emplace_back([&] {
            for (int turn = 0; turn < 20; ++turn)
                answered += hands_.ask("state") ? 1 : 0;
        });
    askers.clear();
    EXPECT_EQ(answered, 160U);
}

TEST_F(HandsClientTest, a_bench_that_is_gone_is_told_and_a_socket_that_was_left_is_replaced) {
    server_.reset();
    EXPECT_FALSE(fs::exists(socket_));
    EXPECT_EQ(code_of(hands_.ask("state")), "hands_unreachable");
    {
        const auto killed = simulator::HandsServer::start(*bench_, folder_.path() / "killed.sock");
        fs::rename(folder_.path() / "killed.sock", socket_);
    }
    EXPECT_EQ(code_of(hands_.ask("state")), "hands_unreachable");
    server_.emplace(simulator::HandsServer::start(*bench_, socket_).value());
    EXPECT_TRUE(hands_.ask("state"));
}

TEST_F(HandsClientTest, a_path_that_no_socket_can_have_is_told) {
    const auto deep = folder_.path() / std::string(120, 'd');
    EXPECT_EQ(code_of(simulator::HandsServer::start(*bench_, deep)), "bay_directory");
    EXPECT_EQ(code_of(HandsClient(deep).ask("state")), "hands_unreachable");
}

}  // namespace

}  // namespace imprint::station
