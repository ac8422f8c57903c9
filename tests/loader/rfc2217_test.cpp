// A simulated board behind pyserial's RFC 2217 server, and behind the simulator's own: reset, rates
// and data all go over the network.
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/process.h"
#include "loader/pty_fixture.h"

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

class Rfc2217 : public testing::OnPty {
  protected:
    // The port that the server listens on.
    std::string serve(const std::filesystem::path& terminal, const std::string& highest = "4000000",
                      const std::string& manners = "passes") {
        auto child = ChildProcess::start(
            {.arguments = {"/usr/bin/python3", "-B",
                           IMPRINT_SOURCE_DIR "/tests/transport/rfc2217_server.py",
                           terminal.string(), highest, manners},
             .directory = {},
             .environment = {}},
            ChildOutput::pipe);
        EXPECT_TRUE(child) << child.error().describe();
        server_.emplace(std::move(*child));
        std::string said;
        char c = 0;
        while (::read(server_->output().get(), &c, 1) == 1 && c != '\n')
            said += c;
        return said;
    }

    std::optional<ChildProcess> server_;
};

TEST_F(Rfc2217, a_board_is_reset_flashed_and_proven_behind_a_terminal_server) {
    simulated_.network = false;
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board) << board.error().describe();
    const std::string number = serve(board->path());
    ASSERT_FALSE(number.empty());
    auto port = transport::open_port("rfc2217://127.0.0.1:" + number);
    ASSERT_TRUE(port) << port.error().describe();
    EXPECT_TRUE((*port)->traits().has_lines);
    auto connected = Board::connect(**port, options_, clock_, log_);
    ASSERT_TRUE(connected) << connected.error().describe();
    EXPECT_EQ(connected->baud(), 921'600U);

    Bytes content(200'000);
    for (std::size_t i = 0; i < content.size(); ++i)
        content[i] = static_cast<std::uint8_t>(i % 3 == 0 ? 0xFF : i * 7 / 5);
    const FlashData region("app", 0x10000, content);
    const auto written = connected->write_difference(region);
    ASSERT_TRUE(written) << written.error().describe();
    ASSERT_TRUE(connected->prove());
    expect_in_flash(region);
    EXPECT_TRUE(
        std::ranges::equal(connected->read(0x10000, 8192).value(), region.content().first(8192)));
    ASSERT_TRUE(connected->run());
}

// esp_rfc2217_server's manners: with the option in the address that it asks for, and without.
TEST_F(Rfc2217, a_server_that_plays_the_resets_itself_brings_a_board_into_its_loader) {
    simulated_.network = false;
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board) << board.error().describe();
    const std::string number = serve(board->path(), "4000000", "plays");
    for (const char* option : {"?ign_set_control", ""}) {
        auto port = transport::open_port("rfc2217://127.0.0.1:" + number + option);
        ASSERT_TRUE(port) << port.error().describe();
        EXPECT_EQ((*port)->traits().plays_resets, *option != 0);
        auto connected = Board::connect(**port, options_, clock_, log_);
        ASSERT_TRUE(connected) << connected.error().describe();
        EXPECT_TRUE((*port)->traits().plays_resets);
        EXPECT_EQ(connected->baud(), 921'600U);
        const FlashData region("app", 0x10000, testing::firmware_like(50'000, *option));
        ASSERT_TRUE(connected->write_difference(region));
        ASSERT_TRUE(connected->prove());
        expect_in_flash(region);
        ASSERT_TRUE(connected->run());
        const auto seen = connected->look_started();
        ASSERT_TRUE(seen) << seen.error().describe();
        EXPECT_EQ(*seen, StartSeen::started) << "the ROM says what it finds in flash";
    }
}

TEST_F(Rfc2217, a_board_with_a_network_port_of_its_own_is_flashed_and_proven) {
    simulated_.rfc2217_port = 0;
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board) << board.error().describe();
    auto port = transport::open_port(board->port());
    ASSERT_TRUE(port) << port.error().describe();
    auto connected = Board::connect(**port, options_, clock_, log_);
    ASSERT_TRUE(connected) << connected.error().describe();
    EXPECT_EQ(connected->baud(), 921'600U);
    const FlashData region("app", 0x10000, testing::firmware_like(300'000, 5));
    const auto written = connected->write_difference(region);
    ASSERT_TRUE(written) << written.error().describe();
    ASSERT_TRUE(connected->prove());
    expect_in_flash(region);
    EXPECT_TRUE(
        std::ranges::equal(connected->read(0x10000, 8192).value(), region.content().first(8192)));
    ASSERT_TRUE(connected->run());
}

TEST_F(Rfc2217, without_a_stub_the_rom_does_it_over_the_network_too) {
    simulated_.rfc2217_port = 0;
    options_.stub_directory.clear();
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board) << board.error().describe();
    auto port = transport::open_port(board->port());
    ASSERT_TRUE(port) << port.error().describe();
    auto connected = Board::connect(**port, options_, clock_, log_);
    ASSERT_TRUE(connected) << connected.error().describe();
    const FlashData region("app", 0x10000, testing::firmware_like(60'000, 6));
    const auto written = connected->write_difference(region);
    ASSERT_TRUE(written) << written.error().describe();
    ASSERT_TRUE(connected->prove());
    expect_in_flash(region);
}

TEST_F(Rfc2217, a_rate_that_the_server_has_not_is_a_rate_that_the_port_has_not) {
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board);
    auto port = transport::open_port("rfc2217://127.0.0.1:" + serve(board->path()));
    ASSERT_TRUE(port) << port.error().describe();
    EXPECT_EQ(code_of((*port)->set_baud(123'457)), "port_baud");
    EXPECT_TRUE((*port)->set_baud(460'800));
    EXPECT_TRUE((*port)->discard_input());
}

TEST_F(Rfc2217, above_what_the_server_has_the_next_lower_rate_is_taken) {
    auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_TRUE(board) << board.error().describe();
    auto port = transport::open_port("rfc2217://127.0.0.1:" + serve(board->path(), "500000"));
    ASSERT_TRUE(port) << port.error().describe();
    auto connected = Board::connect(**port, options_, clock_, log_);
    ASSERT_TRUE(connected) << connected.error().describe();
    EXPECT_EQ(connected->baud(), 460'800U);
}

TEST_F(Rfc2217, who_is_not_there_or_speaks_otherwise_is_told) {
    EXPECT_EQ(code_of(transport::open_port("rfc2217://127.0.0.1:1")), "port_unreachable");
    auto mute = ChildProcess::start(
        {.arguments = {"/usr/bin/python3", "-c",
                       "import socket\ns=socket.create_server(('127.0.0.1',0))\n"
                       "print(s.getsockname()[1],flush=True)\nc,_=s.accept()\n"
                       "c.sendall(bytes([255,254,44]))\nc.recv(1)\nimport time\ntime.sleep(60)"},
         .directory = {},
         .environment = {}},
        ChildOutput::pipe);
    ASSERT_TRUE(mute);
    std::string number;
    char c = 0;
    while (::read(mute->output().get(), &c, 1) == 1 && c != '\n')
        number += c;
    const auto port = transport::open_port("rfc2217://127.0.0.1:" + number);
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_unreachable");
    EXPECT_THAT(port.error().message, HasSubstr("RFC 2217"));
}

}  // namespace
}  // namespace imprint::loader
