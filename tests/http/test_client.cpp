#include "http/test_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <utility>

namespace imprint::http::testing {

Fd connect_tcp(std::uint16_t port, int receive_buffer) {
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
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return socket;
}

Client::Client(Fd socket, bool tls, int least_version, int most_version)
    : socket_(std::move(socket)), open_(true) {
    if (!tls) return;
    // OpenSSL writes without MSG_NOSIGNAL.
    static_cast<void>(::signal(SIGPIPE, SIG_IGN));
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    // What the certificate is worth is curl's question.
    SSL_CTX_set_security_level(context, 0);
    ssl_.reset(SSL_new(context));
    SSL_CTX_free(context);
    SSL_set_min_proto_version(ssl_.get(), least_version);
    SSL_set_max_proto_version(ssl_.get(), most_version);
    SSL_set_fd(ssl_.get(), socket_.get());
    open_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
}

bool Client::send(const std::string& text) const {
    const auto size = static_cast<int>(text.size());
    if (ssl_) return SSL_write(ssl_.get(), text.data(), size) == size;
    return ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == size;
}

long Client::read(char* buffer, std::size_t size) const {
    if (ssl_) return SSL_read(ssl_.get(), buffer, static_cast<int>(size));
    // The locks that the analyzer sees around it are no longer held.
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
    return ::recv(socket_.get(), buffer, size, 0);
}

std::string Client::receive(const std::string& awaited, std::chrono::milliseconds pause) const {
    std::string text;
    std::array<char, 4096> buffer{};
    for (std::size_t looked_at = 0; text.find(awaited, looked_at) == std::string::npos;) {
        looked_at = text.size() - std::min(text.size(), awaited.size());
        if (pause.count() > 0 && !text.empty()) std::this_thread::sleep_for(pause);
        errno = 0;
        const auto got = read(buffer.data(), buffer.size());
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            ADD_FAILURE() << "neither \"" << awaited << "\" nor the end comes";
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ERR_clear_error();
    return text;
}

}  // namespace imprint::http::testing
