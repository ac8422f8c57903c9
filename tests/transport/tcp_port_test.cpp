#include <array>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/fd.h"
#include "transport/port.h"

namespace imprint::transport {
namespace {

using namespace std::chrono_literals;

class Listener {
  public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(fd_.get(), generic, size), 0);
        EXPECT_EQ(::listen(fd_.get(), 1), 0);
        EXPECT_EQ(::getsockname(fd_.get(), generic, &size), 0);
        port_ = ntohs(address.sin_port);
    }

    [[nodiscard]] std::string url() const { return "socket://127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] Fd accept() const {
        return Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

    void close() { fd_.reset(); }

  private:
    Fd fd_;
    std::uint16_t port_ = 0;
};

TEST(TcpPort, carries_bytes_both_ways_and_says_what_it_lacks) {
    const Listener listener;
    const auto port = open_port(listener.url());
    ASSERT_TRUE(port) << port.error().describe();
    EXPECT_FALSE((*port)->traits().has_lines);
    EXPECT_FALSE((*port)->traits().has_baud);
    EXPECT_EQ((*port)->name(), listener.url());
    EXPECT_FALSE((*port)->set_lines({true, false}));
    EXPECT_TRUE((*port)->set_baud(921600));

    const Fd peer = listener.accept();
    ASSERT_TRUE((*port)->write(as_bytes("ping")));
    std::array<char, 8> received{};
    EXPECT_EQ(::read(peer.get(), received.data(), received.size()), 4);
    ASSERT_EQ(::write(peer.get(), "pong!", 5), 5);
    Bytes answer(16);
    EXPECT_EQ((*port)->read(answer, 1000ms).value(), 5U);
}

TEST(TcpPort, a_peer_that_closes_is_gone) {
    const Listener listener;
    const auto port = open_port(listener.url());
    ASSERT_TRUE(port);
    listener.accept().reset();
    Bytes buffer(16);
    const auto got = (*port)->read(buffer, 1000ms);
    ASSERT_FALSE(got);
    EXPECT_EQ(code_of(got), "port_gone");
}

TEST(TcpPort, nobody_listening_is_unreachable) {
    Listener listener;
    const std::string url = listener.url();
    listener.close();
    const auto port = open_port(url);
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_unreachable");
    EXPECT_EQ(port.error().kind, ErrorKind::board);
}

}  // namespace
}  // namespace imprint::transport
