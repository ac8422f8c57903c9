#include "http/server.h"

#include <arpa/inet.h>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error_code.h"
#include "base/fd.h"
#include "http/message.h"
#include "http/server_fixture.h"

namespace imprint::http {
namespace {

using testing::Client;

TEST(MessageTest, a_path_and_its_query_are_told_apart_and_decoded) {
    const Request request{.method = "GET",
                          .target = "/a%2Fb?name=x%20y&empty=&bare&plus=a+b",
                          .headers = {{"host", "h"}},
                          .body = ""};
    EXPECT_EQ(request.raw_path(), "/a%2Fb");
    EXPECT_EQ(request.query(),
              (Fields{{"name", "x y"}, {"empty", ""}, {"bare", ""}, {"plus", "a+b"}}));
    EXPECT_EQ(request.header("host"), "h");
    EXPECT_EQ(request.header("other"), std::nullopt);
}

// Answers with what it was asked.
Answer echo(const Request& request) {
    if (request.target == "/throws") throw std::runtime_error("a bug");
    if (request.target == "/throws-anything") throw 7;  // NOLINT(*-exception-*)
    if (request.target == "/splits")
        return Response{.status = 200, .headers = {{"x-a", "b\r\nx-evil: canary"}}, .body = ""};
    Answer answer = Response{.status = 200,
                             .headers = {{"x-method", request.method}, {"x-peer", request.peer}},
                             .content_type = "text/plain",
                             .body = request.target + " " + request.body};
    if (request.target == "/large") answer.response.body = std::string(8UL << 20, 'x') + "end";
    if (request.target == "/lost") answer.delivery.head = false;
    if (request.target == "/cut") answer.delivery.body_bytes = 2;
    if (request.target == "/late") answer.delivery.delay = std::chrono::minutes(1);
    return answer;
}

std::optional<Response> refuse_strangers(const Request& head) {
    if (head.header("authorization") != "nobody") return std::nullopt;
    Response refusal;
    refusal.status = 403;
    return refusal;
}

class ServerTest : public testing::ServerFixture {
  protected:
    void SetUp() override { serve({.head = 4000, .body = 1000, .threads = 4}); }

    // Once more with other limits.
    void serve(const Limits& limits, Handlers handlers = handlers_of()) {
        ServerFixture::serve(limits, std::move(handlers));
    }

    static Handlers handlers_of() { return {.admit = refuse_strangers, .answer = echo}; }

    static bool connects(std::uint16_t port, const char* address) {
        const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_port = htons(port);
        EXPECT_EQ(::inet_pton(AF_INET, address, &place.sin_addr), 1);
        return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&place), sizeof place) == 0;
    }
};

TEST_F(ServerTest, many_requests_share_a_connection) {
    const Client socket = connect();
    for (int i = 0; i < 20; ++i) {
        send(socket,
             fmt::format("PUT /a%2Fb?n={} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", i));
        const std::string answer = receive(socket, fmt::format("/a%2Fb?n={} hi", i));
        EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 200"));
        EXPECT_THAT(answer, ::testing::HasSubstr("x-method: PUT"));
    }
}

TEST_F(ServerTest, a_request_says_from_which_address_it_came) {
    EXPECT_THAT(ask("/x"), ::testing::HasSubstr("x-peer: 127.0.0.1\r\n"));
    // A socket of IPv6 gets clients of IPv4 too.
    server_ = Server::listen({.address = "::", .tls = testing::tls_of_server()}, handlers_of());
    if (!server_) GTEST_SKIP() << "no IPv6 here";
    EXPECT_THAT(ask("/x"), ::testing::HasSubstr("x-peer: 127.0.0.1\r\n"));
}

TEST_F(ServerTest, a_post_without_length_has_no_body) {
    const Client socket = connect();
    send(socket, "POST /x HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(receive(socket, "/x "), ::testing::HasSubstr("x-method: POST"));
}

TEST_F(ServerTest, a_large_body_is_refused) {
    const Client socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
    EXPECT_THAT(receive(socket, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, a_body_in_chunks_is_as_limited) {
    const Client small = connect();
    send(small,
         "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nhi\r\n3\r\n me\r\n0\r\n\r\n");
    EXPECT_THAT(receive(small, "/x hi me"), ::testing::StartsWith("HTTP/1.1 200"));
    const Client large = connect();
    send(large, "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i)
        send(large, "190\r\n" + std::string(400, 'x') + "\r\n");
    EXPECT_THAT(receive(large, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 413"));
    EXPECT_TRUE(is_closed(large));
}

TEST_F(ServerTest, nothing_is_inflated) {
    const Client socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
         "\x1f\x8b\x08!");
    EXPECT_THAT(receive(socket, "!"), ::testing::HasSubstr("/x \x1f\x8b\x08!"));
}

TEST_F(ServerTest, headers_are_limited) {
    const Client socket = connect();
    send(socket, "GET /x HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 50; ++i)
        send(socket, fmt::format("X-{}: {}\r\n", i, std::string(100, 'a')));
    EXPECT_THAT(receive(socket, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerTest, what_is_no_http_is_refused) {
    constexpr const char* both_lengths =
        "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n";
    for (const char* text :
         {"garbage\r\n\r\n", "GET /x HTTP/2.0\r\nHost: h\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\n12345",
          both_lengths}) {
        const Client socket = connect();
        send(socket, text);
        EXPECT_THAT(receive(socket, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 400")) << text;
    }
}

TEST_F(ServerTest, nothing_is_taken_for_a_request_behind_a_body_of_unknown_end) {
    for (const char* coding : {"xchunked", "gzip, chunked", "gzip\r\nTransfer-Encoding: chunked"}) {
        const Client socket = connect();
        send(socket, fmt::format("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: {}\r\n\r\n"
                                 "GET /y HTTP/1.1\r\nHost: h\r\n\r\n",
                                 coding));
        EXPECT_THAT(receive_all(socket),
                    ::testing::AllOf(::testing::StartsWith("HTTP/1.1 501"),
                                     ::testing::Not(::testing::HasSubstr("/y"))))
            << coding;
    }
}

TEST_F(ServerTest, a_stranger_is_refused_before_the_body) {
    const Client socket = connect();
    send(socket,
         "POST /x HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nContent-Length: 900\r\n\r\n");
    const std::string answer = receive(socket, "\r\n\r\n");
    EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(answer, ::testing::HasSubstr("Connection: close"));
    // It arrives also at one who sends first and reads then.
    const Client eager = connect();
    send(eager,
         "POST /x HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nContent-Length: 900\r\n\r\n" +
             std::string(900, 'x'));
    EXPECT_THAT(receive(eager, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 403"));
    EXPECT_TRUE(is_closed(eager));
}

TEST_F(ServerTest, who_asks_before_the_body_is_told_to_go_on) {
    const Client socket = connect();
    send(socket, "PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_THAT(receive(socket, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 100"));
    send(socket, "hi");
    EXPECT_THAT(receive(socket, "/x hi"), ::testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, requests_sent_at_once_are_answered_in_turn) {
    const Client socket = connect();
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += fmt::format("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", i);
    send(socket, all);
    const std::string answers = receive(socket, "/49 ");
    EXPECT_LT(answers.find("/7 "), answers.find("/8 "));
}

TEST_F(ServerTest, who_sends_slowly_or_nothing_stops_nobody) {
    serve({.threads = 1});
    const auto half = connections(40, "GET /imprint/hea");
    const auto nothing = connections(100, "");
    const auto no_body =
        connections(20, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, the_oldest_that_asks_nothing_makes_room) {
    serve({.connections = 10});
    const auto idle = connections(30, "");
    EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(is_closed(idle[static_cast<std::size_t>(i)]));
    send(idle.back(), "GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(receive(idle.back(), "/y "), ::testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, reading_has_a_deadline) {
    serve({.head_time = Milliseconds(30), .body_time = Milliseconds(30)});
    EXPECT_TRUE(is_closed(connections(1, "").front()));
    EXPECT_TRUE(is_closed(connections(1, "GET /x HT").front()));
    EXPECT_TRUE(is_closed(
        connections(1, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12").front()));
}

TEST_F(ServerTest, a_large_answer_has_all_the_time_that_a_slow_line_needs) {
    serve({.write_time = Milliseconds(1000)});
    const Client slow = connect(4096);
    send(slow, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    // In two seconds, by pieces of which each is taken in a few milliseconds.
    EXPECT_THAT(slow.receive("xend", Milliseconds(1)), ::testing::EndsWith("xend"));
}

TEST_F(ServerTest, an_answer_that_is_held_back_holds_no_other) {
    serve({.threads = 1});
    const Client waits = connect();
    send(waits, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
    end_server();
    EXPECT_EQ(receive(waits, "/late"), "") << "the end does not wait for it";
}

TEST_F(ServerTest, an_answer_can_be_lost_or_cut) {
    EXPECT_EQ(ask("/lost"), "");
    const std::string cut = ask("/cut");
    EXPECT_THAT(cut, ::testing::HasSubstr("Content-Length: 5\r\n"));
    EXPECT_THAT(cut, ::testing::EndsWith("\r\n\r\n/c"));
}

// The broker is started by this process, also later and again.
TEST_F(ServerTest, programs_that_are_started_inherit_no_connection) {
    const Client socket = connect();
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

TEST_F(ServerTest, a_bug_costs_one_answer_and_is_told) {
    std::mutex mutex;
    std::vector<Error> told;
    Handlers handlers = handlers_of();
    handlers.failed = [&](const Error& bug) {
        const std::lock_guard lock(mutex);
        told.push_back(bug);
        throw std::runtime_error("another bug");
    };
    serve({.threads = 1}, handlers);
    for (const char* target : {"/throws", "/throws-anything", "/splits"}) {
        const std::string answer = ask(target);
        EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 500")) << target;
        EXPECT_THAT(answer, ::testing::Not(::testing::HasSubstr("canary")));
        EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
    }
    const std::lock_guard lock(mutex);
    ASSERT_EQ(told.size(), 3);
    EXPECT_EQ(told[0].kind, ErrorKind::bug);
    EXPECT_THAT(told[0].message, ::testing::HasSubstr("a bug"));
    EXPECT_EQ(told[2].kind, ErrorKind::bug);
}

TEST_F(ServerTest, a_bug_in_a_refusal_costs_one_connection) {
    std::atomic<int> told = 0;
    Handlers handlers = handlers_of();
    handlers.refuse = [](int, std::string_view) -> Response { throw std::runtime_error("a bug"); };
    handlers.failed = [&](const Error&) { ++told; };
    serve({.threads = 1}, handlers);
    const Client socket = connect();
    send(socket, "garbage\r\n\r\n");
    EXPECT_EQ(receive(socket, "\r\n\r\n"), "");
    EXPECT_EQ(told, 1);
    EXPECT_EQ(ask("/throws"), "") << "not even the refusal could be made";
    EXPECT_EQ(told, 2);
    EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, a_refusal_says_why_as_its_owner_would) {
    EXPECT_THAT(ask("/throws"), ::testing::AllOf(::testing::HasSubstr("Content-Type: text/plain"),
                                                 ::testing::HasSubstr("a bug in Imprint")));
    Handlers handlers = handlers_of();
    handlers.refuse = [](int status, std::string_view why) {
        return Response{.status = status, .headers = {{"x-why", std::string(why)}}, .body = "{}"};
    };
    serve({}, handlers);
    const Client socket = connect();
    send(socket, "garbage\r\n\r\n");
    EXPECT_THAT(receive(socket, "{}"),
                ::testing::AllOf(::testing::StartsWith("HTTP/1.1 400"),
                                 ::testing::HasSubstr("x-why: this is no HTTP/1.1 request")));
}

TEST_F(ServerTest, fewer_workers_serve_as_well_and_none_is_an_error) {
    // The first `given` are had.
    const auto listen = [](int given) {
        return Server::listen(
            {.limits = {.threads = 4},
             .tls = testing::tls_of_server(),
             .make_thread =
                 [left = given](std::function<void(std::stop_token)> work) mutable {
                     if (left-- <= 0)
                         throw std::system_error(
                             std::make_error_code(std::errc::resource_unavailable_try_again));
                     return std::jthread(std::move(work));
                 }},
            handlers_of());
    };
    server_ = listen(5);
    ASSERT_TRUE(server_);
    EXPECT_THAT(ask("/x"), ::testing::StartsWith("HTTP/1.1 200"));
    for (const int given : {0, 1}) {
        const auto none = listen(given);
        ASSERT_FALSE(none) << given;
        EXPECT_EQ(none.error().code, "thread_not_started");
    }
}

TEST_F(ServerTest, who_is_refused_may_send_on_and_reads_the_answer) {
    serve({.body = 1000, .rest_time = std::chrono::minutes(2)});
    const Client socket = connect();
    send(socket, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
    EXPECT_THAT(receive(socket, "\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 413"));
    for (int i = 0; i < 10; ++i) {
        send(socket, std::string(50'000, 'x'));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

TEST_F(ServerTest, a_port_has_one_server) {
    const auto second = Server::listen({.port = server_->port()}, handlers_of());
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "http_port_busy");
    EXPECT_EQ(second.error().kind, ErrorKind::config);
    EXPECT_THAT(second.error().message, ::testing::HasSubstr(fmt::format("{}", server_->port())));
}

// All of 127.0.0.0/8 is this machine.
TEST_F(ServerTest, listens_where_it_is_told_to_and_nowhere_else) {
    EXPECT_EQ(connects(server_->port(), "127.0.0.1"), true);
    EXPECT_EQ(connects(server_->port(), "127.0.0.2"), false);
    server_ = Server::listen({.address = "127.0.0.2"}, handlers_of());
    ASSERT_TRUE(server_);
    EXPECT_EQ(connects(server_->port(), "127.0.0.1"), false);
    EXPECT_EQ(connects(server_->port(), "127.0.0.2"), true);
    server_ = Server::listen({.address = "0.0.0.0"}, handlers_of());
    ASSERT_TRUE(server_);
    EXPECT_EQ(connects(server_->port(), "127.0.0.1"), true);
    EXPECT_EQ(connects(server_->port(), "127.0.0.2"), true);
}

TEST_F(ServerTest, what_is_no_address_is_refused) {
    for (const char* address : {"", "localhost", "127.0.0.1:80", "1.2.3", "[::1]"}) {
        const auto server = Server::listen({.address = address}, handlers_of());
        ASSERT_FALSE(server) << address;
        EXPECT_EQ(server.error().code, "http_address");
        EXPECT_EQ(server.error().kind, ErrorKind::config);
    }
}

TEST_F(ServerTest, a_port_is_free_again_when_its_server_ended) {
    const std::uint16_t port = server_->port();
    {
        const Client socket = connect();
        send(socket, "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        receive(socket, "/x ");
    }
    end_server();
    EXPECT_TRUE(Server::listen({.port = port}, handlers_of()));
}

}  // namespace
}  // namespace imprint::http
