// Bodies that are written over time, from the writer to the client's socket.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <memory>
#include <mutex>
#include <optional>
#include <signal.h>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/process.h"
#include "http/server_fixture.h"

namespace imprint::http {
namespace {

using testing::Client;

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* last_chunk = "0\r\n\r\n";

// Waits until nobody reads what it writes.
void wait_until_gone(const BodyWriter& writer) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    // Woken by the token.
    changed.wait_for(lock, writer.gone(), testing::patience, [] { return false; });
    EXPECT_TRUE(writer.gone().stop_requested());
}

// The texts of all chunks. What is no chunk ends it.
std::string without_chunks(std::string_view text) {
    std::string body;
    text.remove_prefix(std::min(text.find("\r\n\r\n") + 4, text.size()));
    while (!text.empty()) {
        const std::size_t size =
            std::stoul(std::string(text.substr(0, text.find("\r\n"))), nullptr, 16);
        text.remove_prefix(text.find("\r\n") + 2);
        body += text.substr(0, size);
        text.remove_prefix(std::min(size + 2, text.size()));
    }
    return body;
}

class StreamTest : public testing::ServerFixture {
  protected:
    void SetUp() override { serve_streams({.threads = 1}); }

    // Any target but /plain is answered with a stream.
    void serve_streams(const Limits& limits, std::size_t most = 256UL * 1024) {
        serve(limits, {.admit = {}, .answer = [this, most](const Request& request) -> Answer {
                           if (request.target == "/plain") return Response{.body = "plain"};
                           auto [reader, writer] = make_body_stream(most);
                           {
                               const std::lock_guard lock(mutex_);
                               writers_.push_back(std::move(writer));
                               // Whoever answers may keep that end too.
                               if (request.target == "/events") readers_.push_back(reader);
                           }
                           come_.notify_all();
                           Response response{.content_type = "text/event-stream", .stream = reader};
                           if (request.target == "/splits")
                               response.headers = {{"x-a", "b\r\nx-evil: c"}};
                           Answer answer = std::move(response);
                           if (request.target == "/lost") answer.delivery.head = false;
                           return answer;
                       }});
    }

    Client open_stream(int receive_buffer = 0) {
        Client socket = connect(receive_buffer);
        send(socket, "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        return socket;
    }

    BodyWriter next_writer() {
        std::unique_lock lock(mutex_);
        come_.wait(lock, [&] { return !writers_.empty(); });
        BodyWriter writer = std::move(writers_.front());
        writers_.pop_front();
        return writer;
    }

    std::mutex mutex_;
    std::condition_variable come_;
    std::deque<BodyWriter> writers_;
    std::vector<std::shared_ptr<BodyReader>> readers_;
};

TEST_F(StreamTest, each_text_goes_out_when_it_is_written) {
    const Client socket = open_stream();
    BodyWriter writer = next_writer();
    EXPECT_THAT(receive(socket, "\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Type: text/event-stream\r\n"),
                      HasSubstr("Transfer-Encoding: chunked\r\n"), HasSubstr("Connection: close"),
                      Not(HasSubstr("Content-Length"))));
    for (const char* text : {"data: 1\n\n", "data: 2\n\n"}) {
        EXPECT_TRUE(writer.write(text));
        EXPECT_EQ(receive(socket, "\n\n\r\n"), fmt::format("9\r\n{}\r\n", text));
    }
    EXPECT_FALSE(writer.gone().stop_requested());
    writer.end();
    EXPECT_EQ(receive_all(socket), last_chunk);
    wait_until_gone(writer);
}

TEST_F(StreamTest, a_large_text_arrives_as_it_is) {
    serve_streams({}, 8UL * 1024 * 1024);
    const Client socket = open_stream();
    BodyWriter writer = next_writer();
    std::string all;
    for (int i = 0; all.size() < 3'000'000; ++i)
        all += fmt::format("{} ", i);
    EXPECT_TRUE(writer.write(all));
    writer.end();
    EXPECT_TRUE(without_chunks(receive_all(socket)) == all);
}

TEST_F(StreamTest, to_an_older_client_it_goes_without_chunks) {
    const Client socket = connect();
    send(socket, "GET /events HTTP/1.0\r\n\r\n");
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write("data: 1\n\n"));
    writer.end();
    EXPECT_THAT(receive_all(socket),
                AllOf(Not(HasSubstr("Transfer-Encoding")), EndsWith("\r\n\r\ndata: 1\n\n")));
}

TEST_F(StreamTest, a_writer_that_goes_without_an_end_cuts_it_off) {
    const Client socket = open_stream();
    EXPECT_TRUE(next_writer().write("half"));
    EXPECT_THAT(receive_all(socket), AllOf(EndsWith("4\r\nhalf\r\n"), Not(HasSubstr(last_chunk))));
}

TEST_F(StreamTest, who_asks_for_the_head_alone_is_sent_no_body) {
    const Client socket = connect();
    send(socket, "HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
    const BodyWriter writer = next_writer();
    EXPECT_THAT(receive_all(socket), EndsWith("\r\n\r\n"));
    wait_until_gone(writer);
}

TEST_F(StreamTest, an_answer_that_does_not_go_out_is_told_to_its_writer) {
    EXPECT_THAT(ask("/splits"), StartsWith("HTTP/1.1 500"));
    wait_until_gone(next_writer());
    EXPECT_EQ(ask("/lost"), "");
    wait_until_gone(next_writer());
}

TEST_F(StreamTest, a_stream_holds_no_worker) {
    const auto streams = connections(20, "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(ask("/plain"), EndsWith("plain"));
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(next_writer().write("x"));
}

TEST_F(StreamTest, who_reads_too_slowly_is_cut_off_and_holds_up_nobody) {
    serve_streams({.write_time = std::chrono::minutes(5)});
    const Client slow = open_stream(4096);
    BodyWriter to_slow = next_writer();
    const Client other = open_stream();
    BodyWriter to_other = next_writer();
    // More than the kernel and the buffer hold together, and slowly enough that it is the kernel
    // that is full first.
    const std::string piece(64UL * 1024, 'x');
    int written = 0;
    for (; written < 1000 && to_slow.write(piece); ++written)
        std::this_thread::sleep_for(Milliseconds(1));
    EXPECT_LT(written, 1000);
    wait_until_gone(to_slow);
    EXPECT_TRUE(to_other.write("data: 1\n\n"));
    EXPECT_THAT(receive(other, "data: 1\n\n\r\n"), EndsWith("9\r\ndata: 1\n\n\r\n"));
    EXPECT_THAT(receive_all(slow), Not(EndsWith(last_chunk)));
}

TEST_F(StreamTest, who_takes_nothing_of_a_piece_is_let_go_of_after_a_while) {
    serve_streams({.write_time = Milliseconds(30)}, 64UL * 1024 * 1024);
    const Client socket = open_stream(4096);
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write(std::string(32UL * 1024 * 1024, 'x'))) << "there is room for it";
    wait_until_gone(writer);
}

TEST_F(StreamTest, a_quiet_stream_has_no_limit) {
    serve_streams({.head_time = Milliseconds(10),
                   .body_time = Milliseconds(10),
                   .write_time = Milliseconds(200),
                   .rest_time = Milliseconds(10)});
    const Client socket = open_stream();
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write("first"));
    receive(socket, "first\r\n");
    std::this_thread::sleep_for(Milliseconds(250));
    EXPECT_TRUE(writer.write("still"));
    EXPECT_EQ(receive(socket, "still\r\n"), "5\r\nstill\r\n");
}

TEST_F(StreamTest, a_client_that_goes_is_noticed_though_nothing_is_written) {
    Client socket = open_stream();
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write("first"));
    receive(socket, "first\r\n");
    socket = Client();
    wait_until_gone(writer);
    EXPECT_FALSE(writer.write("anybody?"));
}

TEST_F(StreamTest, a_stream_makes_no_room_for_others) {
    serve_streams({.connections = 4});
    std::vector<Client> sockets;
    std::vector<BodyWriter> writers;
    for (int i = 0; i < 4; ++i) {
        sockets.push_back(open_stream());
        writers.push_back(next_writer());
        EXPECT_TRUE(writers.back().write("first"));
        receive(sockets.back(), "first\r\n");
    }
    EXPECT_EQ(ask("/plain"), "") << "there is no room for it";
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(writers[i].write("still"));
        EXPECT_EQ(receive(sockets[i], "still\r\n"), "5\r\nstill\r\n");
    }
}

TEST_F(StreamTest, a_server_that_stops_cuts_its_streams_off) {
    const Client socket = open_stream();
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write("first"));
    receive(socket, "first\r\n");
    end_server();
    EXPECT_TRUE(writer.gone().stop_requested());
    EXPECT_FALSE(writer.write("late"));
    EXPECT_EQ(receive_all(socket), "");
}

TEST_F(StreamTest, a_server_can_stop_while_many_write) {
    std::vector<Client> sockets;
    std::vector<BodyWriter> writers;
    for (int i = 0; i < 4; ++i) {
        sockets.push_back(open_stream());
        writers.push_back(next_writer());
    }
    std::vector<std::jthread> threads;
    for (auto& writer : writers)
        threads.emplace_back([&writer](const std::stop_token& stop) {
            while (!stop.stop_requested() && writer.write("data: x\n\n")) {
            }
        });
    receive(sockets.front(), "data: x");
    end_server();
    for (auto& writer : writers)
        EXPECT_FALSE(writer.write("late"));
}

// The client that everybody has.
class CurlOnStreamTest : public StreamTest {
  protected:
    void start_curl() {
        auto curl = ChildProcess::start(
            {.arguments = {"curl", "--silent", "--no-buffer", "--insecure", "--noproxy", "*",
                           fmt::format("{}://127.0.0.1:{}/events",
                                       testing::tls_of_server() ? "https" : "http",
                                       server_->port())},
             .directory = "/",
             .environment = {}},
            ChildOutput::pipe_out);
        ASSERT_TRUE(curl) << curl.error().describe();
        curl_.emplace(std::move(*curl));
    }

    // What it prints, until then or to its end.
    std::string printed(const std::string& awaited) {
        std::string text;
        std::array<char, 4096> block{};
        while (!text.contains(awaited)) {
            // The locks that the analyzer sees around it are no longer held.
            // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
            const auto got = ::read(curl_->output().get(), block.data(), block.size());
            if (got <= 0) break;
            text.append(block.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

    std::optional<ChildProcess> curl_;
};

TEST_F(CurlOnStreamTest, gets_each_event_when_it_happens) {
    ASSERT_NO_FATAL_FAILURE(start_curl());
    BodyWriter writer = next_writer();
    for (int i = 0; i < 5; ++i) {
        const std::string event = fmt::format("id: {}\ndata: {{\"board\": {}}}\n\n", i, i);
        EXPECT_TRUE(writer.write(event));
        EXPECT_EQ(printed("\n\n"), event);
    }
    writer.end();
    EXPECT_EQ(printed("more"), "");
    EXPECT_EQ(curl_->wait(), 0);
}

TEST_F(CurlOnStreamTest, can_tell_a_body_that_was_cut_off) {
    ASSERT_NO_FATAL_FAILURE(start_curl());
    EXPECT_TRUE(next_writer().write("half"));
    EXPECT_EQ(printed("more"), "half");
    EXPECT_EQ(curl_->wait(), 18) << "CURLE_PARTIAL_FILE";
}

TEST_F(CurlOnStreamTest, that_is_killed_is_noticed) {
    ASSERT_NO_FATAL_FAILURE(start_curl());
    BodyWriter writer = next_writer();
    EXPECT_TRUE(writer.write("first"));
    EXPECT_EQ(printed("first"), "first");
    ASSERT_EQ(::kill(curl_->pid(), SIGKILL), 0);
    wait_until_gone(writer);
}

}  // namespace
}  // namespace imprint::http
