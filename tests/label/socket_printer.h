// A label printer on a port of this machine, as a test wants it to behave.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include "base/fd.h"

namespace imprint::label {

class SocketPrinter {
  public:
    // On the connection's thread, with its socket, which it may close.
    using Behaviour = std::function<void(Fd&, const std::stop_token&)>;

    // window: of the socket's buffer for what comes, in bytes; 0: the system's.
    explicit SocketPrinter(Behaviour behaviour, int window = 0) {
        listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (window > 0) {
            EXPECT_EQ(::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window),
                      0);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_.get(), plain, size), 0);
        EXPECT_EQ(::listen(listener_.get(), 8), 0);
        EXPECT_EQ(::getsockname(listener_.get(), plain, &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ =
            std::jthread([this, behaviour = std::move(behaviour)](const std::stop_token& stop) {
                while (wait(listener_, stop)) {
                    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
                    if (connection) behaviour(connection, stop);
                }
            });
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

    // Something is to be read; false: it is to stop.
    static bool wait(const Fd& fd, const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd one{.fd = fd.get(), .events = POLLIN, .revents = 0};
            if (::poll(&one, 1, 20) > 0) return true;
        }
        return false;
    }

    // What comes next; empty: the end.
    static std::string read_some(const Fd& fd, const std::stop_token& stop,
                                 std::size_t most = 4096) {
        std::array<char, 4096> piece{};
        if (!wait(fd, stop)) return {};
        const ssize_t got = ::recv(fd.get(), piece.data(), std::min(most, piece.size()), 0);
        return got > 0 ? std::string(piece.data(), static_cast<std::size_t>(got)) : std::string();
    }

    static std::string read_all(const Fd& fd, const std::stop_token& stop) {
        std::string all;
        for (std::string piece = read_some(fd, stop); !piece.empty(); piece = read_some(fd, stop))
            all += piece;
        return all;
    }

    static void say(const Fd& fd, const std::string& text) {
        static_cast<void>(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL));
    }

    // So that the other side hears of a reset, and not of an end.
    static void reset(Fd& fd) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
        fd.reset();
    }

  private:
    Fd listener_;
    std::uint16_t port_ = 0;
    std::jthread thread_;
};

}  // namespace imprint::label
