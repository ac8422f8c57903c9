// A board at a network port: its lines, rate and bytes come over RFC 2217, from our client and from
// pyserial's.
#include <array>
#include <concepts>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"
#include "simulator/pty_board.h"
#include "simulator/wire_client.h"
#include "transport/port.h"
#include "transport/port_url.h"

namespace imprint::simulator {

namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;
using transport::Port;

constexpr Milliseconds answer_time{20000};

class AtANetworkPort : public testing::Test {
  protected:
    void SetUp() override {
        options_.mac = *parse_mac("240ac4000042");
        options_.flash_file = folder_.path() / "flash.bin";
        options_.rfc2217_port = 0;
        auto board = PtyBoard::start(options_);
        ASSERT_TRUE(board) << board.error().describe();
        board_.emplace(std::move(*board));
    }

    // A host that has just gone may not be noticed yet.
    std::unique_ptr<Port> open() {
        for (const Instant end = clock_.now() + answer_time; clock_.now() < end;) {
            auto port = transport::open_port(board_->port());
            if (port) return std::move(*port);
            clock_.sleep(20ms);
        }
        return nullptr;
    }

    template <typename Enough>
        requires std::predicate<Enough>
    bool read_until(Port& port, const Enough& enough, Milliseconds time = answer_time) {
        received_.clear();
        std::array<std::uint8_t, 4096> part{};
        for (const Instant end = clock_.now() + time; clock_.now() < end;) {
            const auto count = port.read(part, 50ms);
            if (!count) return false;
            append(received_, ByteView(part).first(*count));
            if (enough()) return true;
        }
        return false;
    }

    bool read_until(Port& port, std::string_view wanted, Milliseconds time = answer_time) {
        return read_until(
            port, [&] { return as_text(received_).find(wanted) != std::string_view::npos; }, time);
    }

    // As a host does it: longer each time, for a board whose thread was not run.
    bool enter_loader(Port& port) {
        for (int attempt = 1; attempt <= 7; ++attempt) {
            if (!port.set_lines({.dtr = false, .rts = true})) return false;
            clock_.sleep(attempt * 100ms);
            if (!port.set_lines({.dtr = true, .rts = false})) return false;
            const bool heard = read_until(port, "waiting for download\r\n", 1s);
            if (!port.set_lines({})) return false;
            if (heard) return true;
        }
        return false;
    }

    SystemClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    BoardOptions options_;
    std::optional<PtyBoard> board_;
    Bytes received_;
};

TEST_F(AtANetworkPort, a_host_resets_it_into_the_loader_and_syncs) {
    EXPECT_THAT(board_->port(), StartsWith("rfc2217://127.0.0.1:"));
    const auto port = open();
    ASSERT_TRUE(port);
    ASSERT_TRUE(enter_loader(*port)) << as_text(received_);
    ASSERT_TRUE(port->write(sync_request()));
    EXPECT_TRUE(read_until(*port, std::string_view("\xC0\x01\x08", 3)));
}

TEST_F(AtANetworkPort, pyserials_client_resets_it_boots_it_and_syncs) {
    const auto done = run_command(
        {.arguments = {"/usr/bin/python3", "-B",
                       IMPRINT_SOURCE_DIR "/tests/simulator/rfc2217_client.py", board_->port()},
         .directory = {},
         .environment = {}});
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(done->status, 0) << done->text;
    EXPECT_EQ(done->text, "boots yes\nloader yes\nsync yes\nff yes\n");
}

TEST_F(AtANetworkPort, at_another_rate_the_host_hears_noise) {
    const auto port = open();
    ASSERT_TRUE(port);
    ASSERT_TRUE(port->set_baud(460'800));
    ASSERT_TRUE(port->discard_input());
    // A blank flash says so every second.
    ASSERT_TRUE(read_until(*port, [this] { return received_.size() > 200; }));
    EXPECT_EQ(as_text(received_).find("invalid header"), std::string_view::npos);
    ASSERT_TRUE(port->set_baud(115'200));
    EXPECT_TRUE(read_until(*port, "invalid header"));
}

TEST_F(AtANetworkPort, one_host_at_a_time) {
    const auto port = open();
    ASSERT_TRUE(port);
    const auto second = transport::open_port(board_->port());
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "port_unreachable");
    ASSERT_TRUE(enter_loader(*port)) << "the first host lost its port to the second";
}

TEST_F(AtANetworkPort, a_host_that_goes_lets_go_of_the_lines) {
    {
        const auto port = open();
        ASSERT_TRUE(port);
        ASSERT_TRUE(port->set_lines({.dtr = false, .rts = true}));
    }
    const auto port = open();
    ASSERT_TRUE(port);
    EXPECT_TRUE(read_until(*port, "invalid header"));
}

TEST_F(AtANetworkPort, a_pulled_cable_is_gone_and_comes_back_where_it_was) {
    const std::string before = board_->port();
    const auto port = open();
    ASSERT_TRUE(port);
    board_->pull_cable();
    EXPECT_FALSE(read_until(*port, "never said"));
    EXPECT_EQ(code_of(port->set_lines({})), "port_gone");
    EXPECT_EQ(code_of(transport::open_port(before)), "port_unreachable");
    ASSERT_TRUE(board_->plug_in());
    EXPECT_EQ(board_->port(), before);
    const auto again = open();
    ASSERT_TRUE(again);
    EXPECT_TRUE(read_until(*again, "invalid header"));
}

TEST_F(AtANetworkPort, a_port_in_use_is_refused) {
    BoardOptions second = options_;
    second.flash_file.clear();
    second.rfc2217_port =
        std::get<transport::Rfc2217Address>(*transport::parse_port_url(board_->port())).socket.port;
    const auto refused = PtyBoard::start(second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "simulator_port_busy");
}

}  // namespace

}  // namespace imprint::simulator
