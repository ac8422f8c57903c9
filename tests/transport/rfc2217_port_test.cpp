// The client against a server that does what a test tells it to. Whole servers are met in
// tests/loader/rfc2217_test.cpp (pyserial's) and tests/simulator/rfc2217_server_test.cpp (ours).
#include "transport/rfc2217_port.h"

#include <array>
#include <atomic>
#include <functional>
#include <gmock/gmock.h>
#include <map>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/error_code.h"
#include "base/fd.h"
#include "transport/com_port.h"
#include "transport/telnet.h"

namespace imprint::transport {
namespace {

using namespace std::chrono_literals;
using com_port::Command;
using ::testing::HasSubstr;

// One client. What it says is taken apart and answered by on_command; data goes back as it came.
class Server {
  public:
    // Nothing: it hangs up.
    using Answer = std::optional<Bytes>;

    std::function<Answer(telnet::Verb, std::uint8_t)> on_negotiation =
        [this](telnet::Verb verb, std::uint8_t option) { return options_.answer(verb, option); };
    std::function<Answer(Command, Bytes)> on_command = confirm;

    // Nothing came for a moment.
    std::function<Bytes()> on_idle = [] { return Bytes{}; };
    std::function<void(std::uint8_t)> on_data = [](std::uint8_t) {};

    // A server confirms by repeating the value.
    static Answer confirm(Command which, const Bytes& value) {
        return com_port::answer(which, value);
    }

    Server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (!listener_) throw std::runtime_error("no socket");
        EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
        EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
        port_ = ntohs(address.sin_port);
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    ~Server() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }

    Result<std::unique_ptr<Port>> open() {
        thread_ = std::thread([this] { serve(); });
        return open_port("rfc2217://127.0.0.1:" + std::to_string(port_));
    }

  private:
    static bool readable(int fd) {
        pollfd look{fd, POLLIN, 0};
        return ::poll(&look, 1, 20) > 0;
    }

    void serve() {
        while (!readable(listener_.get()))
            if (stop_) return;
        const Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        telnet::Decoder decoder;
        while (!stop_) {
            if (!readable(client.get())) {
                const Bytes said = on_idle();
                if (!said.empty() &&
                    ::send(client.get(), said.data(), said.size(), MSG_NOSIGNAL) < 0)
                    return;
                continue;
            }
            std::array<std::uint8_t, 4096> part{};
            const ssize_t got = ::read(client.get(), part.data(), part.size());
            if (got <= 0) return;
            Answer all = Bytes{};
            const auto add = [&](const Answer& more) {
                if (!more)
                    all.reset();
                else if (all)
                    append(*all, *more);
            };
            decoder.feed(
                ByteView(part).first(static_cast<std::size_t>(got)),
                {.data =
                     [&](std::uint8_t byte) {
                         on_data(byte);
                         add(telnet::escape({&byte, 1}));
                     },
                 .negotiation = [&](telnet::Verb verb,
                                    std::uint8_t option) { add(on_negotiation(verb, option)); },
                 .subnegotiation =
                     [&](std::uint8_t, ByteView content) {
                         const ByteView value = content.subspan(1);
                         add(on_command(Command{content.front()},
                                        Bytes(value.begin(), value.end())));
                     }});
            if (!all) return;
            if (::send(client.get(), all->data(), all->size(), MSG_NOSIGNAL) < 0) return;
        }
    }

    Fd listener_;
    std::uint16_t port_ = 0;
    telnet::Options options_{
        {telnet::option_binary, telnet::option_suppress_go_ahead, telnet::option_com_port}};
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

Bytes read_all(Port& port, std::size_t size) {
    Bytes all;
    std::array<std::uint8_t, 256> part{};
    while (all.size() < size) {
        const auto got = port.read(part, 5000ms);
        if (!got || *got == 0) break;
        append(all, ByteView(part).first(*got));
    }
    return all;
}

TEST(Rfc2217Port, every_byte_comes_back_as_it_went) {
    Server server;
    const auto port = server.open();
    ASSERT_TRUE(port) << port.error().describe();
    EXPECT_TRUE((*port)->traits().has_lines);
    EXPECT_TRUE((*port)->traits().has_baud);
    Bytes all(512);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i % 2 == 0 ? i / 2 : 255);
    ASSERT_TRUE((*port)->write(all));
    EXPECT_EQ(read_all(**port, all.size()), all);
}

TEST(Rfc2217Port, the_frame_is_8n1_without_flow_control_or_notifications) {
    Server server;
    std::map<Command, Bytes> asked;
    server.on_command = [&](Command which, const Bytes& value) {
        asked[which] = value;
        return Server::confirm(which, value);
    };
    ASSERT_TRUE(server.open());
    EXPECT_EQ(asked[Command::set_datasize], Bytes{8});
    EXPECT_EQ(asked[Command::set_parity], Bytes{1});
    EXPECT_EQ(asked[Command::set_stopsize], Bytes{1});
    EXPECT_EQ(asked[Command::set_control], Bytes{1});
    EXPECT_EQ(asked[Command::set_modemstate_mask], Bytes{0});
    EXPECT_EQ(asked[Command::set_linestate_mask], Bytes{0});
    EXPECT_EQ(asked[Command::set_baudrate], (Bytes{0x00, 0x01, 0xC2, 0x00}));
}

TEST(Rfc2217Port, both_lines_are_set_in_one_write_with_dtr_first) {
    Server server;
    std::vector<std::uint8_t> controls;
    server.on_command = [&](Command which, const Bytes& value) {
        if (which == Command::set_control) controls.push_back(value.at(0));
        return Server::confirm(which, value);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    controls.clear();
    ASSERT_TRUE((*port)->set_lines({.dtr = true, .rts = false}));
    EXPECT_EQ(controls, (std::vector<std::uint8_t>{8, 12}));
}

TEST(Rfc2217Port, lines_that_the_server_does_not_set_are_an_error) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        const bool rts = which == Command::set_control && (value.at(0) == 11);
        return Server::confirm(which, rts ? Bytes{12} : value);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    EXPECT_TRUE((*port)->set_lines({.dtr = true, .rts = false}));
    EXPECT_EQ(code_of((*port)->set_lines({.dtr = false, .rts = true})), "port_io");
}

TEST(Rfc2217Port, a_server_that_confirms_no_line_is_taken_to_play_the_resets) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        return which == Command::set_control && value.at(0) >= 8 && value.at(0) <= 12
                   ? Server::Answer(Bytes{})
                   : Server::confirm(which, value);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    EXPECT_FALSE((*port)->traits().plays_resets);
    EXPECT_TRUE((*port)->set_lines({.dtr = false, .rts = true}));
    EXPECT_TRUE((*port)->traits().plays_resets);
    EXPECT_TRUE((*port)->set_lines({.dtr = true, .rts = false}));
}

TEST(Rfc2217Port, how_late_rts_follows_dtr_is_measured) {
    Server server;
    Bytes held_back;
    server.on_command = [&](Command which, const Bytes& value) {
        const bool rts = which == Command::set_control && value.at(0) >= 11;
        if (!rts) return Server::confirm(which, value);
        held_back = *Server::confirm(which, value);
        return Server::Answer(Bytes{});
    };
    server.on_idle = [&] { return std::exchange(held_back, {}); };
    const auto port = server.open();
    ASSERT_TRUE(port);
    EXPECT_EQ((*port)->traits().lines_apart, 0ms);
    ASSERT_TRUE((*port)->set_lines({.dtr = true, .rts = true}));
    EXPECT_GE((*port)->traits().lines_apart, 10ms);
    EXPECT_FALSE((*port)->traits().plays_resets);
}

TEST(Rfc2217Port, another_rate_than_asked_for_is_refused_and_a_rounded_one_is_not) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        const bool rounds = which == Command::set_baudrate &&
                            com_port::decode_baud(value) == std::uint32_t{921'600};
        const bool stays = which == Command::set_baudrate &&
                           com_port::decode_baud(value) == std::uint32_t{460'800};
        if (rounds) return Server::confirm(which, com_port::encode_baud(923'076));
        if (stays) return Server::confirm(which, com_port::encode_baud(115'200));
        return Server::confirm(which, value);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    EXPECT_TRUE((*port)->set_baud(921'600));
    EXPECT_EQ(code_of((*port)->set_baud(460'800)), "port_baud");
}

TEST(Rfc2217Port, notifications_among_the_data_are_no_data) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        Bytes all = com_port::answer(Command::notify_modemstate, Bytes{0xFF});
        append(all, as_bytes("a"));
        append(all, com_port::answer(Command::notify_linestate, Bytes{0x60}));
        append(all, *Server::confirm(which, value));
        return Server::Answer(all);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    ASSERT_TRUE((*port)->discard_input());
    ASSERT_TRUE((*port)->set_lines({}));
    ASSERT_TRUE((*port)->write(as_bytes("b")));
    // Of both lines, and of the question behind them.
    EXPECT_EQ(as_text(read_all(**port, 4)), "aaab");
}

TEST(Rfc2217Port, what_is_written_while_the_server_is_full_goes_out_once_it_is_not) {
    Server server;
    bool full = false;
    std::atomic<int> too_early = 0;
    server.on_command = [&](Command which, const Bytes& value) {
        Bytes all = *Server::confirm(which, value);
        if (which == Command::purge_data) {
            full = true;
            all = com_port::answer(Command::flow_suspend, {});
            append(all, *Server::confirm(which, value));
        }
        return Server::Answer(all);
    };
    server.on_data = [&](std::uint8_t) { too_early += full ? 1 : 0; };
    server.on_idle = [&] {
        return std::exchange(full, false) ? com_port::answer(Command::flow_resume, {}) : Bytes{};
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    ASSERT_TRUE((*port)->discard_input());
    ASSERT_TRUE((*port)->write(as_bytes("kept")));
    EXPECT_EQ(as_text(read_all(**port, 4)), "kept");
    EXPECT_EQ(too_early, 0);
}

TEST(Rfc2217Port, discarding_throws_away_what_came_before_the_purge_was_confirmed) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        Bytes all;
        if (which == Command::purge_data) append(all, as_bytes("old"));
        append(all, *Server::confirm(which, value));
        return Server::Answer(all);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    ASSERT_TRUE((*port)->discard_input());
    ASSERT_TRUE((*port)->write(as_bytes("new")));
    EXPECT_EQ(as_text(read_all(**port, 3)), "new");
}

TEST(Rfc2217Port, a_server_that_does_not_purge_is_asked_once) {
    Server server;
    std::atomic purges = 0;
    server.on_command = [&](Command which, const Bytes& value) {
        if (which != Command::purge_data) return Server::confirm(which, value);
        ++purges;
        return Server::Answer(Bytes{});
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE((*port)->discard_input());
    EXPECT_EQ(purges, 1);
}

TEST(Rfc2217Port, a_server_that_floods_instead_of_answering_fills_no_memory) {
    Server server;
    std::atomic<bool> floods = false;
    server.on_command = [&floods](Command which, const Bytes& value) -> Server::Answer {
        if (floods) return Bytes(8'000'000, 'A');
        return Server::confirm(which, value);
    };
    auto port = server.open();
    ASSERT_TRUE(port) << port.error().describe();
    floods = true;
    const auto set = (*port)->set_baud(115200);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, "port_io");
    EXPECT_THAT(set.error().message, HasSubstr("more than a serial line carries"));
}

TEST(Rfc2217Port, a_server_that_hangs_up_is_gone) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        return which == Command::purge_data ? Server::Answer() : Server::confirm(which, value);
    };
    const auto port = server.open();
    ASSERT_TRUE(port);
    EXPECT_EQ(code_of((*port)->discard_input()), "port_gone");
    Bytes buffer(1);
    EXPECT_EQ(code_of((*port)->read(buffer, 5000ms)), "port_gone");
}

TEST(Rfc2217Port, who_hangs_up_or_refuses_during_the_negotiation_is_unreachable) {
    Server busy;
    busy.on_negotiation = [](telnet::Verb, std::uint8_t) { return Server::Answer(); };
    EXPECT_EQ(code_of(busy.open()), "port_unreachable");

    Server refusing;
    refusing.on_negotiation = [](telnet::Verb verb, std::uint8_t option) {
        return Server::Answer(telnet::negotiation(
            verb == telnet::Verb::will ? telnet::Verb::dont : telnet::Verb::wont, option));
    };
    const auto refused = refusing.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "port_unreachable");
    EXPECT_THAT(refused.error().message, HasSubstr("RFC 2217"));
}

TEST(Rfc2217Port, a_server_whose_frame_is_another_is_refused) {
    Server server;
    server.on_command = [](Command which, const Bytes& value) {
        return Server::confirm(which, which == Command::set_datasize ? Bytes{7} : value);
    };
    const auto port = server.open();
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_unreachable");
    EXPECT_THAT(port.error().hint, HasSubstr("8N1"));
}

}  // namespace
}  // namespace imprint::transport
