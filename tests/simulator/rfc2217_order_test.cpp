// The server alone, without a board's thread: what a host does in one write arrives in its order.
#include <arpa/inet.h>
#include <array>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "simulator/rfc2217_server.h"

namespace imprint::simulator {

namespace {

namespace telnet = transport::telnet;
using namespace std::chrono_literals;
using transport::Lines;
using transport::com_port::Command;
using transport::com_port::Control;

class Rfc2217Order : public testing::Test {
  protected:
    void SetUp() override {
        auto server = Rfc2217Server::listen(0);
        ASSERT_TRUE(server) << server.error().describe();
        server_ = std::move(*server);
        host_ = call();
        ASSERT_TRUE(eventually([this] { return server_->host_present(); }));
    }

    [[nodiscard]] Fd call() const {
        Fd host(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(server_->port());
        EXPECT_EQ(
            ::connect(host.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        return host;
    }

    template <typename Condition>
    bool eventually(const Condition& holds) {
        for (int i = 0; i < 2000; ++i) {
            if (holds()) return true;
            clock_.sleep(5ms);
        }
        return false;
    }

    void send(const Bytes& bytes) const {
        ASSERT_EQ(::write(host_.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    // All bursts up to the one with these bytes at its end.
    std::vector<HostPort::Burst> received(ByteView last) {
        std::vector<HostPort::Burst> all;
        Bytes bytes;
        EXPECT_TRUE(eventually([&] {
            for (HostPort::Burst& burst : server_->receive()) {
                append(bytes, burst.bytes);
                all.push_back(std::move(burst));
            }
            return bytes.size() >= last.size() &&
                   std::ranges::equal(ByteView(bytes).last(last.size()), last);
        }));
        return all;
    }

    static Bytes control(Control value) {
        return transport::com_port::command(Command::set_control, static_cast<std::uint8_t>(value));
    }

    static Bytes baud(std::uint32_t value) {
        return transport::com_port::command(Command::set_baudrate,
                                            transport::com_port::encode_baud(value));
    }

    SystemClock clock_;
    std::unique_ptr<Rfc2217Server> server_;
    Fd host_;
};

TEST_F(Rfc2217Order, lines_rate_and_bytes_of_one_write_stay_apart) {
    Bytes all = telnet::escape(Bytes{1, 255, 2});
    for (const Bytes& next : {control(Control::rts_on), control(Control::rts_off), baud(921'600),
                              telnet::escape(Bytes{3}), control(Control::dtr_on), Bytes{4}})
        append(all, next);
    send(all);
    const auto bursts = received(Bytes{4});
    std::vector<std::pair<HostPort::Settings, Bytes>> seen;
    HostPort::Settings settings{{}, 115'200};
    for (const HostPort::Burst& burst : bursts) {
        const bool changed = burst.settings != settings;
        settings = burst.settings;
        if (changed || !burst.bytes.empty()) seen.emplace_back(settings, burst.bytes);
    }
    const std::vector<std::pair<HostPort::Settings, Bytes>> wanted{
        {{{}, 115'200}, {1, 255, 2}},
        {{Lines{.dtr = false, .rts = true}, 115'200}, {}},
        {{{}, 115'200}, {}},
        {{{}, 921'600}, {3}},
        {{Lines{.dtr = true, .rts = false}, 921'600}, {4}}};
    EXPECT_EQ(seen, wanted);
}

TEST_F(Rfc2217Order, nothing_is_confirmed_before_the_board_has_it) {
    send(control(Control::rts_on));
    ASSERT_TRUE(eventually([this] {
        bool set = false;
        for (const HostPort::Burst& burst : server_->receive())
            set = set || burst.settings.lines.rts;
        return set;
    }));
    pollfd look{host_.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&look, 1, 0), 0);
    EXPECT_TRUE(server_->unsent());
    server_->flush();
    EXPECT_EQ(::poll(&look, 1, 20'000), 1);
    EXPECT_FALSE(server_->unsent());
}

TEST_F(Rfc2217Order, between_two_hosts_there_is_none) {
    send(control(Control::rts_on));
    ASSERT_TRUE(eventually([this] {
        (void)server_->receive();
        return server_->settings().lines.rts;
    }));
    host_ = call();  // the first hangs up after the second has called
    ASSERT_TRUE(eventually([this] { return !server_->host_present(); }));
    EXPECT_EQ(server_->settings().lines, Lines{});
    EXPECT_FALSE(server_->unsent());
}

TEST_F(Rfc2217Order, a_suspended_server_sends_no_data_until_it_is_resumed) {
    send(transport::com_port::command(Command::flow_suspend, ByteView()));
    ASSERT_TRUE(eventually([this] {
        (void)server_->receive();
        return server_->write(Bytes{7}) == 0;
    }));
    send(transport::com_port::command(Command::flow_resume, ByteView()));
    EXPECT_TRUE(eventually([this] {
        (void)server_->receive();
        return server_->write(Bytes{7}) == 1;
    }));
}

// A host may say anything; each connection begins anew.
TEST_F(Rfc2217Order, noise_is_borne) {
    std::uint32_t state = 7;
    for (int round = 0; round < 200; ++round) {
        Bytes noise(64);
        for (auto& byte : noise) {
            state = state * 1'664'525U + 1'013'904'223U;
            const auto high = static_cast<std::uint8_t>(state >> 24);
            byte = high % 2 == 0 ? static_cast<std::uint8_t>(240 + high % 16) : high;
        }
        // Also as what a subnegotiation holds.
        Bytes content(noise.begin() + 1, noise.begin() + 1 + noise.front() % 8);
        append(noise, telnet::subnegotiation(telnet::option_com_port, content));
        send(noise);
        ASSERT_FALSE(server_->receive().empty());
        server_->flush();
        std::array<std::uint8_t, 65536> waste{};
        while (::recv(host_.get(), waste.data(), waste.size(), MSG_DONTWAIT) > 0) {
        }
    }
    EXPECT_TRUE(server_->host_present());
}

}  // namespace

}  // namespace imprint::simulator
