// A client that sends and receives byte by byte, over TCP or over TLS.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <openssl/ssl.h>
#include <string>

#include "base/fd.h"

namespace imprint::http::testing {

// What comes at all comes long before.
constexpr std::chrono::seconds patience(20);

// receive_buffer: 0: the kernel's usual one.
[[nodiscard]] Fd connect_tcp(std::uint16_t port, int receive_buffer = 0);

class Client {
  public:
    Client() = default;  // not connected
    // Says hello at once, if it is to speak TLS; versions: of TLS at most and at least, 0: any.
    Client(Fd socket, bool tls, int least_version = 0, int most_version = 0);

    // Whether there is a connection; of TLS: whether its handshake went well.
    [[nodiscard]] bool is_open() const { return open_; }

    [[nodiscard]] const Fd& socket() const { return socket_; }

    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

    [[nodiscard]] bool send(const std::string& text) const;
    // Until what was awaited is there, or the connection ends. pause: after each 4 KiB.
    [[nodiscard]] std::string receive(const std::string& awaited,
                                      std::chrono::milliseconds pause = {}) const;

  private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    [[nodiscard]] long read(char* buffer, std::size_t size) const;

    Fd socket_;
    std::unique_ptr<SSL, Free> ssl_;
    bool open_ = false;
};

}  // namespace imprint::http::testing
