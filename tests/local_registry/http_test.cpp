#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "base/error_code.h"
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
              (Fields{{"name", "x y"}, {"empty", ""}, {"bare", ""}, {"plus", "a+b"}}));
    EXPECT_EQ(parse_form("plus=a+b%2B"), (Fields{{"plus", "a b+"}}));
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
    if (request.target == "/throws") throw std::runtime_error("a bug");
    Response response{.status = 200,
                      .headers = {{"x-method", request.method}},
                      .content_type = "text/plain",
                      .body = request.target + " " + request.body};
    if (request.target == "/lost") response.delivery = Delivery::none;
    if (request.target == "/cut") response.delivery = Delivery::cut;
    if (request.target == "/late") response.wait = std::chrono::minutes(1);
    return response;
}

std::optional<Response> refuse_strangers(const Request& head) {
    if (head.header("authorization") != "nobody") return std::nullopt;
    Response refusal;
    refusal.status = 403;
    return refusal;
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

    // Once more with other limits.
    void serve(const HttpLimits& limits) {
        server_ = HttpServer::listen(0, {.admit = refuse_strangers, .answer = echo}, limits);
        ASSERT_TRUE(server_);
    }

    // What one request on a connection of its own is answered with.
    std::string ask(const std::string& target) {
        const Fd socket = connect();
        send(socket, "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return receive(socket, "the end of the connection");
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
        receive(socket, "what nobody sends");
        return true;
    }

    Result<HttpServer> server_ = HttpServer::listen(0, {.admit = refuse_strangers, .answer = echo},
                                                    {.head = 4000, .body = 1000, .threads = 4});
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

TEST_F(HttpServerTest, a_body_in_chunks_is_as_limited) {
    const Fd small = connect();
    send(small,
         "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nhi\r\n3\r\n me\r\n0\r\n\r\n");
    EXPECT_THAT(receive(small, "/x hi me"), testing::StartsWith("HTTP/1.1 200"));
    const Fd large = connect();
    send(large, "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i)
        send(large, "190\r\n" + std::string(400, 'x') + "\r\n");
    EXPECT_THAT(receive(large, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 413"));
    EXPECT_TRUE(is_closed(large));
}

TEST_F(HttpServerTest, nothing_is_inflated) {
    const Fd socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
         "\x1f\x8b\x08!");
    EXPECT_THAT(receive(socket, "!"), testing::HasSubstr("/x \x1f\x8b\x08!"));
}

TEST_F(HttpServerTest, headers_are_limited) {
    const Fd socket = connect();
    send(socket, "GET /x HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 50; ++i)
        send(socket, fmt::format("X-{}: {}\r\n", i, std::string(100, 'a')));
    EXPECT_THAT(receive(socket, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpServerTest, what_is_no_http_is_refused) {
    for (const char* text :
         {"garbage\r\n\r\n", "GET /x HTTP/2.0\r\nHost: h\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\n12345",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\n"}) {
        const Fd socket = connect();
        send(socket, text);
        EXPECT_THAT(receive(socket, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 400")) << text;
    }
}

TEST_F(HttpServerTest, nothing_is_taken_for_a_request_behind_a_body_of_unknown_end) {
    const Fd socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n"
         "GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(receive(socket, "the end of the connection"),
                testing::AllOf(testing::StartsWith("HTTP/1.1 501"),
                               testing::Not(testing::HasSubstr("/y"))));
}

TEST_F(HttpServerTest, a_stranger_is_refused_before_the_body) {
    const Fd socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nContent-Length: 900\r\n\r\n");
    const std::string answer = receive(socket, "\r\n\r\n");
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(answer, testing::HasSubstr("Connection: close"));
    // It arrives also at one who sends first and reads then.
    const Fd eager = connect();
    send(eager,
         "POST /x HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nContent-Length: 900\r\n\r\n" +
             std::string(900, 'x'));
    EXPECT_THAT(receive(eager, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 403"));
    EXPECT_TRUE(is_closed(eager));
}

TEST_F(HttpServerTest, who_asks_before_the_body_is_told_to_go_on) {
    const Fd socket = connect();
    send(socket, "PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_THAT(receive(socket, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 100"));
    send(socket, "hi");
    EXPECT_THAT(receive(socket, "/x hi"), testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, requests_sent_at_once_are_answered_in_turn) {
    const Fd socket = connect();
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += fmt::format("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", i);
    send(socket, all);
    const std::string answers = receive(socket, "/49 ");
    EXPECT_LT(answers.find("/7 "), answers.find("/8 "));
}

TEST_F(HttpServerTest, who_sends_slowly_or_nothing_stops_nobody) {
    serve({.threads = 1});
    const auto half = connections(40, "GET /imprint/hea");
    const auto nothing = connections(100, "");
    const auto no_body =
        connections(20, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    EXPECT_THAT(ask("/x"), testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, the_oldest_that_asks_nothing_makes_room) {
    serve({.connections = 10});
    const auto idle = connections(30, "");
    EXPECT_THAT(ask("/x"), testing::StartsWith("HTTP/1.1 200"));
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(is_closed(idle[static_cast<std::size_t>(i)]));
    send(idle.back(), "GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(receive(idle.back(), "/y "), testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, reading_has_a_deadline) {
    serve({.head_time = Milliseconds(30), .body_time = Milliseconds(30)});
    EXPECT_TRUE(is_closed(connections(1, "").front()));
    EXPECT_TRUE(is_closed(connections(1, "GET /x HT").front()));
    EXPECT_TRUE(is_closed(
        connections(1, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12").front()));
}

TEST_F(HttpServerTest, an_answer_that_is_held_back_holds_no_other) {
    serve({.threads = 1});
    const Fd waits = connect();
    send(waits, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(ask("/x"), testing::StartsWith("HTTP/1.1 200"));
    server_ = fail(ErrorKind::registry, "broker_failed", "");
    EXPECT_EQ(receive(waits, "/late"), "") << "the end does not wait for it";
}

TEST_F(HttpServerTest, an_answer_can_be_lost_or_cut) {
    EXPECT_EQ(ask("/lost"), "");
    const std::string cut = ask("/cut");
    EXPECT_THAT(cut, testing::HasSubstr("Content-Length: 5\r\n"));
    EXPECT_THAT(cut, testing::EndsWith("\r\n\r\n/c"));
}

// The broker is started by this process, also later and again.
TEST_F(HttpServerTest, programs_that_are_started_inherit_no_connection) {
    const Fd socket = connect();
    send(socket, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    receive(socket, "/x ");
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int descriptor = std::stoi(entry.path().filename().string());
        sockaddr_in address{};
        socklen_t size = sizeof address;
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
            address.sin_family != AF_INET || ntohs(address.sin_port) != server_->port())
            continue;
        ++found;
        EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    }
    EXPECT_EQ(found, 2) << "what listens, and the connection";
}

TEST_F(HttpServerTest, a_bug_costs_one_answer) {
    EXPECT_THAT(ask("/throws"), testing::StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(ask("/x"), testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, who_is_refused_may_send_on_and_reads_the_answer) {
    serve({.body = 1000, .rest_time = std::chrono::minutes(2)});
    const Fd socket = connect();
    send(socket, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
    EXPECT_THAT(receive(socket, "\r\n\r\n"), testing::StartsWith("HTTP/1.1 413"));
    for (int i = 0; i < 10; ++i) {
        send(socket, std::string(50'000, 'x'));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

TEST_F(HttpServerTest, a_port_has_one_server) {
    const auto second = HttpServer::listen(server_->port(), {.admit = {}, .answer = echo});
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "registry_port_busy");
    EXPECT_EQ(second.error().kind, ErrorKind::registry);
}

TEST_F(HttpServerTest, a_port_is_free_again_when_its_server_ended) {
    const std::uint16_t port = server_->port();
    {
        const Fd socket = connect();
        send(socket, "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        receive(socket, "/x ");
    }
    server_ = fail(ErrorKind::registry, "broker_failed", "");
    EXPECT_TRUE(HttpServer::listen(port, {.admit = {}, .answer = echo}));
}

}  // namespace
}  // namespace imprint::local_registry
