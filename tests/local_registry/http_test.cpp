#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

#include "base/fd.h"
#include "local_registry/http/message.h"
#include "local_registry/http/server.h"

namespace imprint::local_registry {
namespace {

TEST(MessageTest, a_path_and_its_query_are_told_apart_and_decoded) {
    const Request request{.method = "GET",
                          .target = "/a%2Fb?name=x%20y&empty=&bare&plus=a+b",
                          .headers = {{"host", "h"}},
                          .body = ""};
    EXPECT_EQ(request.raw_path(), "/a%2Fb");
    EXPECT_EQ(request.query(),
              (Fields{{"name", "x y"}, {"empty", ""}, {"bare", ""}, {"plus", "a b"}}));
    EXPECT_EQ(request.header("host"), "h");
    EXPECT_EQ(request.header("other"), std::nullopt);
}

TEST(MessageTest, percent_signs_without_digits_are_no_encoding) {
    EXPECT_EQ(percent_decode("a%3ab%2F"), "a:b/");
    EXPECT_EQ(percent_decode("%"), std::nullopt);
    EXPECT_EQ(percent_decode("%4"), std::nullopt);
    EXPECT_EQ(percent_decode("%zz"), std::nullopt);
    EXPECT_EQ(parse_query("a=%zz&b=1"), (Fields{{"a", "%zz"}, {"b", "1"}}));
}

// Answers with what it was asked.
Response echo(const Request& request) {
    return {.status = 200,
            .headers = {{"x-method", request.method}},
            .content_type = "text/plain",
            .body = request.target + " " + request.body};
}

class HttpServerTest : public testing::Test {
  protected:
    Fd connect() {
        Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
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
            const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
            if (got <= 0) break;
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }

    Result<HttpServer> server_ = HttpServer::listen(0, echo, {.body = 1000, .threads = 4});
};

TEST_F(HttpServerTest, many_requests_share_a_connection) {
    const Fd socket = connect();
    for (int i = 0; i < 20; ++i) {
        send(socket,
             fmt::format("PUT /a%2Fb?n={} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", i));
        const std::string answer = receive(socket, fmt::format("/a%2Fb?n={} hi", i));
        EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200"));
        EXPECT_THAT(answer, testing::HasSubstr("x-method: PUT"));
    }
}

TEST_F(HttpServerTest, a_post_without_length_has_no_body) {
    const Fd socket = connect();
    send(socket, "POST /x HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(receive(socket, "/x "), testing::HasSubstr("x-method: POST"));
}

TEST_F(HttpServerTest, a_large_body_is_refused) {
    const Fd socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
    EXPECT_THAT(receive(socket, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, a_port_has_one_server) {
    const auto second = HttpServer::listen(server_->port(), echo);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "registry_port_busy");
    EXPECT_EQ(second.error().kind, ErrorKind::registry);
}

TEST_F(HttpServerTest, a_port_is_free_again_when_its_server_ended) {
    const std::uint16_t port = server_->port();
    {
        const Fd socket = connect();
        send(socket, "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        receive(socket, "/x ");
    }
    server_ = fail(ErrorKind::registry, "ended", "");
    EXPECT_TRUE(HttpServer::listen(port, echo));
}

}  // namespace
}  // namespace imprint::local_registry
