// A server on loopback, and plain sockets that talk to it byte by byte.
#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "http/server.h"

namespace imprint::http::testing {

// What comes at all comes long before.
constexpr std::chrono::seconds patience(20);

class ServerFixture : public ::testing::Test {
  protected:
    void serve(const Limits& limits, Handlers handlers) {
        server_ = Server::listen({.limits = limits}, std::move(handlers));
        ASSERT_TRUE(server_);
    }

    void end_server() { server_ = fail(ErrorKind::registry, "http_address", ""); }

    // receive_buffer: how many bytes the kernel keeps for one who does not read them.
    Fd connect(int receive_buffer = 0) {
        Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (receive_buffer != 0) {
            EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                                   sizeof receive_buffer),
                      0);
        }
        const timeval longest{.tv_sec = patience.count(), .tv_usec = 0};
        EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest), 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server_->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                  0);
        return socket;
    }

    static void send(const Fd& socket, const std::string& text) {
        ASSERT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    // Until what was awaited is there, or the connection ends.
    static std::string receive(const Fd& socket, const std::string& awaited) {
        std::string text;
        char buffer[4096];
        while (!text.contains(awaited)) {
            // The locks that the analyzer sees around it are no longer held.
            // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
            const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                ADD_FAILURE() << "neither \"" << awaited << "\" nor the end comes";
            if (got <= 0) break;
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }

    static std::string receive_all(const Fd& socket) {
        return receive(socket, "the end of the connection");
    }

    // What one request on a connection of its own is answered with.
    std::string ask(const std::string& target) {
        const Fd socket = connect();
        send(socket, "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return receive_all(socket);
    }

    std::vector<Fd> connections(int count, const std::string& text) {
        std::vector<Fd> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(connect());
            send(all.back(), text);
        }
        return all;
    }

    // Waits for it.
    static bool is_closed(const Fd& socket) {
        receive_all(socket);
        return true;
    }

    Result<Server> server_ = fail(ErrorKind::registry, "http_address", "");
};

}  // namespace imprint::http::testing
