// A server on loopback, and clients that talk to it byte by byte: over TCP, or in http_tls_tests,
// which has the same tests, over TLS.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "http/test_client.h"

namespace imprint::http::testing {

// The server's side; null: plain TCP. The same each time.
[[nodiscard]] std::shared_ptr<TlsContext> tls_of_server();

class ServerFixture : public ::testing::Test {
  protected:
    void serve(const Limits& limits, Handlers handlers) {
        server_ = Server::listen({.limits = limits, .tls = tls_of_server()}, std::move(handlers));
        ASSERT_TRUE(server_);
    }

    void end_server() { server_ = fail(ErrorKind::registry, "http_address", ""); }

    // receive_buffer: how many bytes the kernel keeps for one who does not read them.
    Client connect(int receive_buffer = 0) {
        return {connect_tcp(server_->port(), receive_buffer), tls_of_server() != nullptr};
    }

    static void send(const Client& client, const std::string& text) {
        ASSERT_TRUE(client.send(text));
    }

    // Until what was awaited is there, or the connection ends.
    static std::string receive(const Client& client, const std::string& awaited) {
        return client.receive(awaited);
    }

    static std::string receive_all(const Client& client) {
        return receive(client, "the end of the connection");
    }

    // What one request on a connection of its own is answered with; "": there is no connection.
    std::string ask(const std::string& target) {
        const Client client = connect();
        const bool asked =
            client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return asked ? receive_all(client) : "";
    }

    std::vector<Client> connections(int count, const std::string& text) {
        std::vector<Client> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(connect());
            send(all.back(), text);
        }
        return all;
    }

    // Waits for it.
    static bool is_closed(const Client& socket) {
        receive_all(socket);
        return true;
    }

    Result<Server> server_ = fail(ErrorKind::registry, "http_address", "");
};

}  // namespace imprint::http::testing
